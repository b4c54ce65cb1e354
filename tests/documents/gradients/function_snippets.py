"""Listings whose functions return derivatives rightly, each with twins that differ in one mistake."""

from __future__ import annotations

from tests.documents.gradients.snippets import Snippet, Twin

FUNCTIONS = (
    Snippet(
        "a derivative in its argument",
        """
        import numpy as np
        def sigmoid(x):
            return 1 / (1 + np.exp(-x))
        def sigmoid_derivative(x):
            return sigmoid(x) * (1 - sigmoid(x))
        """,
        1,
        (
            Twin("return sigmoid(x) * (1 - sigmoid(x))", "return sigmoid(x) * (1 + sigmoid(x))", "other"),
            Twin("return sigmoid(x) * (1 - sigmoid(x))", "return sigmoid(x) * (sigmoid(x) - 1)", "sign"),
        ),
    ),
    Snippet(
        "a derivative in the function's output",
        """
        import numpy as np
        def sigmoid(x):
            return 1 / (1 + np.exp(-x))
        def sigmoid_derivative(x):
            return x * (1 - x)
        """,
        1,
        (Twin("return x * (1 - x)", "return x * (1 + x)", "other"),),
    ),
    Snippet(
        "a derivative whose function goes without saying",
        """
        import numpy as np
        def tanh_prime(x):
            return 1 - np.tanh(x) ** 2
        """,
        1,
        (Twin("1 - np.tanh(x) ** 2", "1 - np.tanh(x)", "other"),),
    ),
    Snippet(
        "methods of a class",
        """
        import numpy as np
        class Net:
            def sigmoid(self, z):
                return 1 / (1 + np.exp(-z))
            def sigmoid_prime(self, z):
                return self.sigmoid(z) * (1 - self.sigmoid(z))
        """,
        1,
        (Twin("* (1 - self.sigmoid(z))", "* self.sigmoid(z)", "other"),),
    ),
    Snippet(
        "a polynomial and lambdas",
        """
        def f(x):
            return x ** 3 - 2 * x
        def df(x):
            return 3 * x ** 2 - 2
        g = lambda x: x ** 4
        g_grad = lambda x: 4 * x ** 3
        """,
        2,
        (
            Twin("return 3 * x ** 2 - 2", "return 3 * x ** 2 + 2", "other"),
            Twin("4 * x ** 3", "x ** 3", "factor"),
        ),
    ),
    Snippet(
        "partial derivatives as a tuple",
        """
        def f(x, y):
            return x ** 2 + 2 * y ** 2
        def f_grad(x, y):
            return 2 * x, 4 * y
        """,
        2,
        (Twin("return 2 * x, 4 * y", "return 2 * x, 2 * y", "factor"),),
    ),
    Snippet(
        "a gradient of a vector",
        """
        import numpy as np
        def rosenbrock(p):
            return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2
        def rosenbrock_grad(p):
            return np.array([-2 * (1 - p[0]) - 400 * p[0] * (p[1] - p[0] ** 2), 200 * (p[1] - p[0] ** 2)])
        """,
        1,
        (Twin("-2 * (1 - p[0])", "3 * (1 - p[0])", "block"),),
    ),
    Snippet(
        "cost and gradient with loops",
        """
        import numpy as np
        def compute_cost(X, y, w, b):
            m = X.shape[0]
            total = 0.0
            for i in range(m):
                total += (np.dot(X[i], w) + b - y[i]) ** 2
            return total / (2 * m)
        def compute_gradient(X, y, w, b):
            m, n = X.shape
            dj_dw, dj_db = np.zeros(n), 0.0
            for i in range(m):
                error = np.dot(X[i], w) + b - y[i]
                for j in range(n):
                    dj_dw[j] += error * X[i, j]
                dj_db += error
            dj_dw = dj_dw / m
            dj_db = dj_db / m
            return dj_db, dj_dw
        """,
        2,
        (
            Twin("dj_dw = dj_dw / m", "dj_dw = dj_dw", "factor", "return dj_db, dj_dw"),
            Twin("dj_db += error", "dj_db -= error", "sign", "return dj_db, dj_dw"),
        ),
    ),
    Snippet(
        "a bias that is a row",
        """
        import numpy as np
        def softmax_loss(X, y, W, b):
            n = X.shape[0]
            scores = X.dot(W) + b
            exp_scores = np.exp(scores)
            probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
            loss = np.sum(-np.log(probs[range(n), y])) / n
            dscores = probs
            dscores[range(n), y] -= 1
            dscores /= n
            dW = np.dot(X.T, dscores)
            db = np.sum(dscores, axis=0, keepdims=True)
            return loss, dW, db
        """,
        2,
        (
            Twin("db = np.sum(dscores, axis=0, keepdims=True)", "db = dscores", "missing_sum", "return loss, dW, db"),
            Twin("dscores /= n", "pass", "factor", "return loss, dW, db"),
        ),
    ),
    Snippet(
        "loss and gradient in one function",
        """
        import numpy as np
        def svm_loss(W, X, y, reg):
            N = X.shape[0]
            scores = X @ W
            correct = scores[np.arange(N), y][:, None]
            margins = np.maximum(0, scores - correct + 1)
            margins[np.arange(N), y] = 0
            loss = margins.sum() / N + reg * np.sum(W * W)
            mask = (margins > 0).astype(float)
            mask[np.arange(N), y] = -mask.sum(axis=1)
            dW = X.T @ mask / N + 2 * reg * W
            return loss, dW
        """,
        1,
    ),
    Snippet(
        "logistic regression with gradients in a dictionary",
        """
        import numpy as np
        def sigmoid(z):
            return 1 / (1 + np.exp(-z))
        def propagate(w, b, X, Y):
            m = X.shape[1]
            A = sigmoid(np.dot(w.T, X) + b)
            cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
            dw = np.dot(X, (A - Y).T) / m
            db = np.sum(A - Y) / m
            return dw, db, cost
        """,
        2,
        (
            Twin("dw = np.dot(X, (A - Y).T) / m", "dw = np.dot(X, (A - Y).T)", "factor", "return dw, db, cost"),
            Twin("dw = np.dot(X, (A - Y).T) / m", "dw = np.dot(A - Y, X.T) / m", "transposed", "return dw, db, cost"),
            Twin("db = np.sum(A - Y) / m", "db = (A - Y) / m", "missing_sum", "return dw, db, cost"),
        ),
    ),
    Snippet(
        "a function of the gradient of any function",
        """
        def numerical_gradient(f, x):
            h = 1e-5
            return (f(x + h) - f(x - h)) / (2 * h)
        def get_gradient_function(f):
            def gradient(x):
                return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6
            return gradient
        """,
        2,
        (
            Twin(
                "return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6", "return 2 * x", "ignores its argument", "def get_gradient"
            ),
            Twin("return (f(x + h) - f(x - h)) / (2 * h)", "return 2 * x", "ignores its argument", "def numerical"),
        ),
    ),
)
"""Functions beside each other."""

CUSTOM = (
    Snippet(
        "a custom exponential",
        """
        import torch
        class Exp(torch.autograd.Function):
            @staticmethod
            def forward(ctx, i):
                result = i.exp()
                ctx.save_for_backward(result)
                return result
            @staticmethod
            def backward(ctx, grad_output):
                result, = ctx.saved_tensors
                return grad_output * result
        """,
        1,
        (
            Twin("return grad_output * result", "return grad_output * 2 * result", "factor", "def backward"),
            Twin("return grad_output * result", "return -grad_output * result", "sign", "def backward"),
        ),
    ),
    Snippet(
        "a custom linear layer",
        """
        import torch
        from torch.autograd import Function
        class Linear(Function):
            @staticmethod
            def forward(ctx, input, weight, bias):
                ctx.save_for_backward(input, weight, bias)
                return input @ weight.t() + bias
            @staticmethod
            def backward(ctx, grad_output):
                input, weight, bias = ctx.saved_tensors
                return grad_output @ weight, grad_output.t() @ input, grad_output.sum(0)
        """,
        1,
        (Twin("grad_output.sum(0)", "grad_output.mean(0)", "factor", "def backward"),),
    ),
    Snippet(
        "a custom rectifier",
        """
        import torch
        class MyReLU(torch.autograd.Function):
            @staticmethod
            def forward(ctx, input):
                ctx.save_for_backward(input)
                return input.clamp(min=0)
            @staticmethod
            def backward(ctx, grad_output):
                input, = ctx.saved_tensors
                grad_input = grad_output.clone()
                grad_input[input < 0] = 0
                return grad_input
        """,
        1,
        (Twin("grad_input[input < 0] = 0", "pass", "block", "def backward"),),
    ),
    Snippet(
        "a custom split into two",
        """
        import torch
        class Split(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x.sin(), 2 * x
            @staticmethod
            def backward(ctx, first, second):
                x, = ctx.saved_tensors
                return first * x.cos() + 2 * second
        """,
        1,
        (Twin("+ 2 * second", "+ 3 * second", "other", "def backward"),),
    ),
    Snippet(
        "a custom maximum in single precision",
        """
        import torch
        class Largest(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                largest = x.max()
                ctx.save_for_backward(x.eq(largest).float())
                return largest
            @staticmethod
            def backward(ctx, grad_output):
                chosen, = ctx.saved_tensors
                return grad_output * chosen
        """,
        1,
        (Twin("grad_output * chosen", "grad_output.abs() * chosen", "misuses_grad_output", "def backward"),),
    ),
)
"""Custom backward passes."""
