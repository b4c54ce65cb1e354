"""Listings that state gradients rightly, each with twins that differ in one mistake."""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import dedent


@dataclass(frozen=True)
class Twin:
    """The mistake: what is replaced by what, and the kind that must be told; `at` is text on the line told."""

    old: str
    new: str
    kind: str
    at: str = ""


@dataclass(frozen=True)
class Snippet:
    """A listing whose stated gradients are right, how many they are, and its twins."""

    name: str
    code: str
    gradients: int
    twins: tuple[Twin, ...] = field(default=())

    @property
    def text(self) -> str:
        return dedent(self.code).strip()


SNIPPETS = (
    Snippet(
        "linear regression, a function that is never called",
        """
        def descend(X, y, theta, alpha, num_iters):
            m = len(y)
            for i in range(num_iters):
                error = X.dot(theta) - y
                cost = np.sum(error ** 2) / (2 * m)
                gradient = X.T.dot(error) / m
                theta = theta - alpha * gradient
            return theta
        """,
        1,
        (
            Twin("gradient = X.T.dot(error) / m", "gradient = 2 * X.T.dot(error) / m", "factor"),
            Twin("gradient = X.T.dot(error) / m", "gradient = X.T.dot(error)", "factor"),
            Twin("gradient = X.T.dot(error) / m", "gradient = X.T.dot(y - X.dot(theta)) / m", "sign"),
        ),
    ),
    Snippet(
        "linear regression at module level",
        """
        import numpy as np
        rng = np.random.default_rng(0)
        X = rng.normal(size=(20, 3))
        y = X @ np.array([1.0, -2.0, 0.5]) + 0.3
        w, b = np.zeros(3), 0.0
        lr = 0.1
        for epoch in range(100):
            y_hat = X @ w + b
            loss = np.mean((y_hat - y) ** 2)
            dw = 2 * X.T @ (y_hat - y) / len(y)
            db = 2 * np.mean(y_hat - y)
            w -= lr * dw
            b -= lr * db
            if epoch % 10 == 0:
                print(epoch, loss)
        """,
        2,
        (
            Twin("dw = 2 * X.T", "dw = X.T", "factor"),
            Twin("db = 2 * np.mean(y_hat - y)", "db = np.mean(y_hat - y)", "factor"),
            Twin("db = 2 * np.mean(y_hat - y)", "db = 2 * np.sum(y_hat - y)", "factor"),
            Twin("db = 2 * np.mean(y_hat - y)", "db = 2 * (y_hat - y) / len(y)", "missing_sum"),
            Twin("db = 2 * np.mean(y_hat - y)", "db = 2 * np.mean(y - y_hat)", "sign"),
        ),
    ),
    Snippet(
        "a cubic fitted in NumPy",
        """
        import numpy as np
        import math
        x = np.linspace(-math.pi, math.pi, 200)
        y = np.sin(x)
        a, b, c = np.random.randn(), np.random.randn(), np.random.randn()
        learning_rate = 1e-6
        for t in range(2000):
            y_pred = a + b * x + c * x ** 2
            loss = np.square(y_pred - y).sum()
            if t % 100 == 99:
                print(t, loss)
            grad_y_pred = 2.0 * (y_pred - y)
            grad_a = grad_y_pred.sum()
            grad_b = (grad_y_pred * x).sum()
            grad_c = (grad_y_pred * x ** 2).sum()
            a -= learning_rate * grad_a
            b -= learning_rate * grad_b
            c -= learning_rate * grad_c
        """,
        4,
        (
            Twin("grad_b = (grad_y_pred * x).sum()", "grad_b = (grad_y_pred * x).mean()", "factor"),
            Twin("grad_c = (grad_y_pred * x ** 2).sum()", "grad_c = (grad_y_pred * x).sum()", "other"),
        ),
    ),
    Snippet(
        "a cubic fitted in torch without autograd",
        """
        import torch
        x = torch.linspace(-3, 3, 50)
        y = torch.sin(x)
        a, b = torch.randn(()), torch.randn(())
        learning_rate = 1e-6
        for t in range(2000):
            y_pred = a + b * x
            loss = (y_pred - y).pow(2).sum().item()
            grad_y_pred = 2.0 * (y_pred - y)
            grad_a = grad_y_pred.sum()
            grad_b = (grad_y_pred * x).sum()
            a -= learning_rate * grad_a
            b -= learning_rate * grad_b
        """,
        3,
        (Twin("grad_a = grad_y_pred.sum()", "grad_a = grad_y_pred.mean()", "factor"),),
    ),
    Snippet(
        "logistic regression",
        """
        import numpy as np
        def sigmoid(z):
            return 1 / (1 + np.exp(-z))
        def train(X, y, lr=0.1, epochs=100):
            n_samples, n_features = X.shape
            weights = np.zeros(n_features)
            bias = 0
            losses = []
            for _ in range(epochs):
                p = sigmoid(np.dot(X, weights) + bias)
                losses.append(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))
                dw = (1 / n_samples) * np.dot(X.T, (p - y))
                db = (1 / n_samples) * np.sum(p - y)
                weights -= lr * dw
                bias -= lr * db
            return weights, bias
        """,
        2,
        (
            Twin("dw = (1 / n_samples) * np.dot", "dw = np.dot", "factor"),
            Twin("np.sum(p - y)", "np.sum(y - p)", "sign"),
            Twin("db = (1 / n_samples) * np.sum(p - y)", "db = (1 / n_samples) * (p - y)", "missing_sum"),
        ),
    ),
    Snippet(
        "softmax regression",
        """
        import numpy as np
        np.random.seed(1)
        X = np.random.randn(12, 4)
        labels = np.random.randint(0, 3, 12)
        Y = np.eye(3)[labels]
        W = 0.1 * np.random.randn(4, 3)
        b = np.zeros((1, 3))
        for step in range(10):
            scores = X @ W + b
            e = np.exp(scores - scores.max(axis=1, keepdims=True))
            P = e / e.sum(axis=1, keepdims=True)
            loss = -np.sum(Y * np.log(P)) / len(X)
            dscores = (P - Y) / len(X)
            dW = X.T @ dscores
            db = dscores.sum(axis=0, keepdims=True)
            W -= 0.1 * dW
            b -= 0.1 * db
        """,
        2,
        (
            Twin("dscores = (P - Y) / len(X)", "dscores = P - Y", "factor", "dW = X.T @ dscores"),
            Twin("dW = X.T @ dscores", "dW = dscores.T @ X", "transposed"),
            Twin("db = dscores.sum(axis=0, keepdims=True)", "db = dscores", "missing_sum"),
        ),
    ),
    Snippet(
        "softmax with labels as numbers",
        """
        import numpy as np
        X = np.random.randn(12, 4)
        y = np.random.randint(0, 3, 12)
        W = 0.1 * np.random.randn(4, 3)
        reg = 0.01
        N = X.shape[0]
        for step in range(10):
            e = np.exp(X @ W)
            P = e / e.sum(axis=1, keepdims=True)
            loss = -np.log(P[np.arange(N), y]).mean() + 0.5 * reg * np.sum(W * W)
            dS = P.copy()
            dS[np.arange(N), y] -= 1
            dS /= N
            dW = X.T @ dS + reg * W
            W += -0.5 * dW
        """,
        1,
        (
            Twin("dS /= N", "dS /= 2 * N", "other", "dW = X.T @ dS + reg * W"),
            Twin("W += -0.5 * dW", "W += 0.5 * dW", "sign", "dW ="),
        ),
    ),
    Snippet(
        "two layers in NumPy",
        """
        import numpy as np
        np.random.seed(0)
        N, D_in, H, D_out = 8, 5, 4, 3
        x = np.random.randn(N, D_in)
        y = np.random.randn(N, D_out)
        w1 = np.random.randn(D_in, H)
        w2 = np.random.randn(H, D_out)
        learning_rate = 1e-3
        for t in range(50):
            h = x.dot(w1)
            h_relu = np.maximum(h, 0)
            y_pred = h_relu.dot(w2)
            loss = np.square(y_pred - y).sum()
            grad_y_pred = 2.0 * (y_pred - y)
            grad_w2 = h_relu.T.dot(grad_y_pred)
            grad_h_relu = grad_y_pred.dot(w2.T)
            grad_h = grad_h_relu.copy()
            grad_h[h < 0] = 0
            grad_w1 = x.T.dot(grad_h)
            w1 -= learning_rate * grad_w1
            w2 -= learning_rate * grad_w2
        """,
        4,
        (
            Twin("grad_h[h < 0] = 0", "pass", "missing_derivative", "grad_w1 = "),
            Twin("grad_w2 = h_relu.T.dot(grad_y_pred)", "grad_w2 = h.T.dot(grad_y_pred)", "other"),
            Twin("grad_w1 = x.T.dot(grad_h)", "grad_w1 = grad_h.T.dot(x)", "transposed"),
        ),
    ),
    Snippet(
        "two layers of sigmoids",
        """
        import numpy as np
        def sigmoid(z):
            return 1 / (1 + np.exp(-z))
        X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1.0]])
        y = np.array([[0], [1], [1], [0.0]])
        W1 = np.random.randn(3, 4)
        W2 = np.random.randn(4, 1)
        for i in range(1000):
            l1 = sigmoid(X @ W1)
            l2 = sigmoid(l1 @ W2)
            loss = 0.5 * np.sum((l2 - y) ** 2)
            l2_delta = (l2 - y) * l2 * (1 - l2)
            l1_delta = (l2_delta @ W2.T) * l1 * (1 - l1)
            dW2 = l1.T @ l2_delta
            dW1 = X.T @ l1_delta
            W2 -= 0.1 * dW2
            W1 -= 0.1 * dW1
        """,
        2,
        (
            Twin(
                "l1_delta = (l2_delta @ W2.T) * l1 * (1 - l1)",
                "l1_delta = l2_delta @ W2.T",
                "missing_derivative",
                "dW1 =",
            ),
            Twin("l2_delta = (l2 - y) * l2 * (1 - l2)", "l2_delta = l2 - y", "missing_derivative", "dW2 ="),
        ),
    ),
    Snippet(
        "stale weights",
        """
        import numpy as np
        X, Y = np.random.randn(6, 3), np.random.randn(6, 2)
        W1, W2 = np.random.randn(3, 4), np.random.randn(4, 2)
        lr = 0.05
        for i in range(10):
            H = np.tanh(X @ W1)
            out = H @ W2
            loss = np.sum((out - Y) ** 2)
            delta = 2 * (out - Y)
            dW1 = X.T @ ((delta @ W2.T) * (1 - H ** 2))
            dW2 = H.T @ delta
            W2 -= lr * dW2
            W1 -= lr * dW1
        """,
        2,
        (
            Twin(
                "dW1 = X.T @ ((delta @ W2.T) * (1 - H ** 2))\n    dW2 = H.T @ delta\n    W2 -= lr * dW2",
                "dW2 = H.T @ delta\n    W2 -= lr * dW2\n    dW1 = X.T @ ((delta @ W2.T) * (1 - H ** 2))",
                "stale",
                "dW1 =",
            ),
            Twin("(delta @ W2.T) * (1 - H ** 2)", "delta @ W2.T", "missing_derivative", "dW1 ="),
        ),
    ),
    Snippet(
        "a support vector machine",
        """
        import numpy as np
        X, y = np.random.randn(12, 3), np.sign(np.random.randn(12))
        def svm(X, y, lr=0.01, lam=0.1, epochs=20):
            n, d = X.shape
            w = np.zeros(d)
            for epoch in range(epochs):
                margins = y * (X @ w)
                loss = np.mean(np.maximum(0, 1 - margins)) + lam / 2 * np.sum(w ** 2)
                mask = (margins < 1).astype(float)
                grad = -(X.T @ (mask * y)) / n + lam * w
                w = w - lr * grad
            return w
        w = svm(X, y)
        """,
        1,
        (Twin("grad = -(X.T", "grad = (X.T", "other"),),
    ),
    Snippet(
        "stochastic descent on samples drawn at random",
        """
        import numpy as np
        def sgd(X, y, theta, alpha, num_iters):
            m = len(y)
            for it in range(num_iters):
                for i in range(m):
                    k = np.random.randint(m)
                    X_i = X[k:k + 1]
                    y_i = y[k:k + 1]
                    residual = X_i @ theta - y_i
                    J = np.sum(residual ** 2) / 2
                    gradient = X_i.T @ residual
                    theta = theta - alpha * gradient
            return theta
        """,
        1,
        (Twin("gradient = X_i.T @ residual", "gradient = 2 * X_i.T @ residual", "factor"),),
    ),
    Snippet(
        "Adam by hand",
        """
        import numpy as np
        def adam(X, y, theta, alpha, beta1, beta2, epsilon, num_iters):
            m = len(y)
            mt, vt = np.zeros_like(theta), np.zeros_like(theta)
            for t in range(1, num_iters + 1):
                gradient = X.T @ (X @ theta - y) / m
                mt = beta1 * mt + (1 - beta1) * gradient
                vt = beta2 * vt + (1 - beta2) * gradient ** 2
                theta = theta - alpha * (mt / (1 - beta1 ** t)) / (np.sqrt(vt / (1 - beta2 ** t)) + epsilon)
                J = np.sum((X @ theta - y) ** 2) / (2 * m)
            return theta
        """,
        1,
        (Twin("(X @ theta - y) / m\n", "(X @ theta - y)\n", "factor", "gradient ="),),
    ),
    Snippet(
        "momentum",
        """
        import numpy as np
        X, y = np.random.randn(9, 3), np.random.randn(9)
        w, v = np.zeros(3), np.zeros(3)
        lr, mu = 0.1, 0.9
        for i in range(5):
            loss = np.mean((X @ w - y) ** 2)
            dw = 2 / len(y) * X.T @ (X @ w - y)
            v = mu * v - lr * dw
            w += v
        """,
        0,
    ),
    Snippet(
        "momentum with a rate at the end",
        """
        import numpy as np
        X, y = np.random.randn(9, 3), np.random.randn(9)
        w, v = np.zeros(3), np.zeros(3)
        lr, mu = 0.1, 0.9
        for i in range(5):
            loss = np.mean((X @ w - y) ** 2)
            dw = 2 / len(y) * X.T @ (X @ w - y)
            v = mu * v + (1 - mu) * dw
            w -= lr * v
        """,
        1,
        (Twin("dw = 2 / len(y) * X.T", "dw = 1 / len(y) * X.T", "factor"),),
    ),
    Snippet(
        "a class with its loss in the same method",
        """
        import numpy as np
        class LinearRegression:
            def __init__(self, learning_rate=0.01, n_iters=100):
                self.lr = learning_rate
                self.n_iters = n_iters
            def fit(self, X, y):
                n_samples, n_features = X.shape
                self.weights = np.zeros(n_features)
                self.bias = 0
                for _ in range(self.n_iters):
                    y_pred = np.dot(X, self.weights) + self.bias
                    cost = (1 / (2 * n_samples)) * np.sum((y_pred - y) ** 2)
                    dw = (1 / n_samples) * np.dot(X.T, (y_pred - y))
                    db = (1 / n_samples) * np.sum(y_pred - y)
                    self.weights -= self.lr * dw
                    self.bias -= self.lr * db
        model = LinearRegression()
        """,
        2,
        (
            Twin("dw = (1 / n_samples)", "dw = (2 / n_samples)", "factor"),
            Twin("db = (1 / n_samples) * np.sum(y_pred - y)", "db = np.sum(y_pred - y)", "factor"),
        ),
    ),
    Snippet(
        "a class with its loss in a method of its own",
        """
        import numpy as np
        class MLP:
            def __init__(self, n_in, n_hidden, n_out):
                self.W1 = np.random.randn(n_in, n_hidden)
                self.W2 = np.random.randn(n_hidden, n_out)
            def forward(self, X):
                self.z1 = X @ self.W1
                self.a1 = np.maximum(0, self.z1)
                e = np.exp(self.a1 @ self.W2)
                self.probs = e / e.sum(axis=1, keepdims=True)
                return self.probs
            def loss(self, y):
                return -np.mean(np.log(self.probs[np.arange(len(y)), y]))
            def backward(self, X, y, lr):
                m = len(y)
                dz2 = self.probs.copy()
                dz2[np.arange(m), y] -= 1
                dz2 /= m
                dW2 = self.a1.T @ dz2
                dz1 = (dz2 @ self.W2.T) * (self.z1 > 0)
                dW1 = X.T @ dz1
                self.W1 -= lr * dW1
                self.W2 -= lr * dW2
        X, y = np.random.randn(8, 3), np.random.randint(0, 2, 8)
        net = MLP(3, 4, 2)
        for i in range(10):
            net.forward(X)
            print(net.loss(y))
            net.backward(X, y, 0.1)
        """,
        2,
        (
            Twin("dW2 = self.a1.T @ dz2", "dW2 = self.z1.T @ dz2", "other"),
            Twin("dW1 = X.T @ dz1", "dW1 = dz1.T @ X", "transposed"),
            Twin("dz2 /= m", "pass", "factor", "dW1 ="),
        ),
    ),
    Snippet(
        "parameters in a dictionary",
        """
        import numpy as np
        X, y = np.random.randn(7, 3), np.random.randn(7, 1)
        params = {"W": np.random.randn(3, 1), "b": np.zeros((1, 1))}
        grads = {}
        for i in range(3):
            out = X @ params["W"] + params["b"]
            loss = np.mean((out - y) ** 2)
            dout = 2 * (out - y) / y.size
            grads["W"] = X.T @ dout
            grads["b"] = dout.sum(axis=0, keepdims=True)
            params["W"] -= 0.1 * grads["W"]
            params["b"] -= 0.1 * grads["b"]
        """,
        2,
        (Twin('grads["W"] = X.T @ dout', 'grads["W"] = -X.T @ dout', "sign"),),
    ),
    Snippet(
        "a loss function that the loop calls",
        """
        import numpy as np
        def mse_loss(y_true, y_pred):
            return np.mean((y_true - y_pred) ** 2)
        def train(X, y, theta, alpha, num_iters):
            m = len(y)
            history = []
            for i in range(num_iters):
                y_pred = X @ theta
                history.append(mse_loss(y, y_pred))
                gradient = 2 * X.T @ (y_pred - y) / m
                theta = theta - alpha * gradient
            return theta
        theta = train(np.random.randn(30, 2), np.random.randn(30, 1), np.zeros((2, 1)), 0.1, 10)
        """,
        1,
        (
            Twin("gradient = 2 * X.T", "gradient = X.T", "factor"),
            Twin("X.T @ (y_pred - y)", "X.T @ (y - y_pred)", "sign"),
        ),
    ),
)
"""Each listing, with as many confirmed gradients as it says."""
