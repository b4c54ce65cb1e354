"""Listings whose gradients reach their parameters through loops, dictionaries and functions, with wrong twins."""

from __future__ import annotations

from tests.documents.gradients.snippets import Snippet, Twin

DATA = """
        import numpy as np
        rng = np.random.default_rng(0)
        X, y = rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
"""

STEP = """
        W, b = rng.normal(size=(3, 2)), np.zeros(2)
        for epoch in range(5):
            error = X @ W + b - y
            loss = np.mean(error ** 2)
            dW = X.T @ error * 2 / error.size
            db = error.sum(axis=0) * 2 / error.size
"""

STEP_TWINS = (
    Twin("dW = X.T @ error * 2 /", "dW = X.T @ error /", "factor"),
    Twin("dW = X.T @ error", "dW = -X.T @ error", "sign"),
    Twin("dW = X.T @ error * 2 / error.size", "dW = (X.T @ error * 2 / error.size).T", "transposed"),
    Twin("db = error.sum(axis=0) * 2", "db = error * 2", "missing_sum"),
)

MOVES = {
    "a loop over pairs": """
            for p, g in zip([W, b], [dW, db]):
                p -= 0.1 * g
    """,
    "a loop over named lists": """
            params, grads = [W, b], [dW, db]
            for i, (p, g) in enumerate(zip(params, grads)):
                p -= 0.1 * g
    """,
    "a comprehension": """
            W, b = [p - 0.1 * g for p, g in zip([W, b], [dW, db])]
    """,
    "an imported optimizer": """
            optimizer.update([W, b], [dW, db])
    """,
    "an imported step of named arguments": """
            W, b = update_parameters(W, b, dW, db)
    """,
}

FUNCTIONS_THAT_MOVE = {
    "a function of lists": (
        """
        def update(params, grads, lr=2.0):
            for p, g in zip(params, grads):
                p -= lr * g
        """,
        "update([W, b], [dW, db])",
    ),
    "a function that returns the new ones": (
        """
        def sgd(params, grads, lr):
            return [p - lr * g for p, g in zip(params, grads)]
        """,
        "W, b = sgd([W, b], [dW, db], 0.1)",
    ),
    "a function of each": (
        """
        def step(weights, bias, dweights, dbias, lr):
            weights = weights - lr * dweights
            bias = bias - lr * dbias
            return weights, bias
        """,
        "W, b = step(W, b, dW, db, 2.0)",
    ),
    "a method": (
        """
        class SGD:
            def __init__(self, lr):
                self.lr = lr
            def step(self, params, grads):
                for p, g in zip(params, grads):
                    p -= self.lr * g
        optimizer = SGD(0.1)
        """,
        "optimizer.step([W, b], [dW, db])",
    ),
}

NETWORK = """
        def forward(X, params):
            hidden = np.tanh(X @ params["W1"] + params["b1"])
            return hidden @ params["W2"], hidden

        def backward(X, y, out, hidden, params):
            grads = {}
            d_out = 2 * (out - y) / y.size
            grads["W2"] = hidden.T @ d_out
            d_hidden = d_out @ params["W2"].T * (1 - hidden ** 2)
            dW1 = X.T @ d_hidden
            grads["W1"] = dW1
            grads["b1"] = d_hidden.sum(axis=0)
            return grads

        params = {"W1": rng.normal(size=(3, 4)), "b1": np.zeros(4), "W2": rng.normal(size=(4, 2))}
        for epoch in range(5):
            out, hidden = forward(X, params)
            loss = np.mean((out - y) ** 2)
            grads = backward(X, y, out, hidden, params)
"""

NETWORK_TWINS = (
    Twin('grads["W2"] = hidden.T @ d_out', 'grads["W2"] = 2 * hidden.T @ d_out', "factor"),
    Twin('grads["b1"] = d_hidden.sum(axis=0)', 'grads["b1"] = d_hidden', "missing_sum"),
    Twin("dW1 = X.T @ d_hidden", "dW1 = -X.T @ d_hidden", "sign", at='grads["W1"]'),
)

NETWORK_MOVES = {
    "the keys of a dictionary": """
            for key in params:
                params[key] -= 0.1 * grads[key]
    """,
    "the items of a dictionary": """
            for name, grad in grads.items():
                params[name] -= 0.1 * grad
    """,
    "a dictionary of the new ones": """
            params = {name: params[name] - 0.1 * grads[name] for name in params}
    """,
    "a function of dictionaries": """
            params = update_params(params, grads)
    """,
}

RETURNED = """
        def initialize(n_x, n_h):
            W1 = np.random.randn(n_h, n_x)
            return {"W1": W1, "W2": np.random.randn(1, n_h)}

        def forward(X, parameters):
            A1 = np.tanh(parameters["W1"] @ X)
            return 1 / (1 + np.exp(-parameters["W2"] @ A1)), A1

        def compute_cost(A2, Y):
            return -np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))

        def backward(parameters, A1, A2, X, Y):
            dZ2 = A2 - Y
            dW2 = dZ2 @ A1.T / X.shape[1]
            dZ1 = (parameters["W2"].T @ dZ2) * (1 - A1 ** 2)
            dW1 = dZ1 @ X.T / X.shape[1]
            return {"dW1": dW1, "dW2": dW2}

        def update(parameters, grads, learning_rate=1.2):
            W1 = parameters["W1"]
            W2 = parameters["W2"].copy()
            W1 = W1 - learning_rate * grads["dW1"]
            W2 = W2 - learning_rate * grads["dW2"]
            return {"W1": W1, "W2": W2}

        inputs, labels = X.T, (rng.uniform(size=(1, 7)) > 0.5).astype(float)
        parameters = initialize(3, 4)
        for i in range(5):
            A2, A1 = forward(inputs, parameters)
            cost = compute_cost(A2, labels)
            grads = backward(parameters, A1, A2, inputs, labels)
            parameters = update(parameters, grads)
"""

RETURNED_TWINS = (
    Twin("dW2 = dZ2 @ A1.T / X.shape[1]", "dW2 = dZ2 @ A1.T", "factor"),
    Twin("dW1 = dZ1 @ X.T / X.shape[1]", "dW1 = -dZ1 @ X.T / X.shape[1]", "sign"),
    Twin("W1 = W1 - learning_rate", "W1 = W1 + learning_rate", "sign", at="dW1 = dZ1"),
)

LATER = """
            params, grads = [W, b], [dW, db]
            for p, g in zip(params, grads):
                p -= 0.1 * g

        params, grads = [X, y], [X, y]
"""

EACH = """
        ws = [0.0, 1.0]
        for i in range(2):
            loss = (ws[i] - 3) ** 2
            grad = 2 * (ws[i] - 3)
            ws[i] -= 0.1 * grad
"""

EACH_TWINS = (Twin("grad = 2 * (", "grad = (", "factor"),)

SUMMED = """
        params = {"W": rng.normal(size=(3, 2)), "b": np.zeros(2)}
        for epoch in range(5):
            loss, grads = 0.0, {name: np.zeros_like(value) for name, value in params.items()}
            for x, target in zip(X, y):
                error = x @ params["W"] + params["b"] - target
                loss += (error ** 2).sum() / len(X)
                grads["W"] += 2 * np.outer(x, error)
                grads["b"] += 2 * error
            for name in params:
                grads[name] /= len(X)
                params[name] -= 0.1 * grads[name]
"""

SUMMED_TWINS = (
    Twin('grads["W"] += 2 * np', 'grads["W"] += np', "factor", at="grads[name] /= len(X)"),
    Twin("grads[name] /= len(X)", "grads[name] /= -len(X)", "sign"),
)

LAYERS = """
        class Layer:
            def __init__(self, count, more):
                self.W = rng.normal(size=(count, more))
            def forward(self, x):
                self.x = x
                return x @ self.W
            def backward(self, d):
                self.dW = self.x.T @ d
                return d @ self.W.T
        layers = [Layer(3, 4), Layer(4, 2)]
        for epoch in range(3):
            out = X
            for layer in layers:
                out = layer.forward(out)
            loss = np.mean((out - y) ** 2)
            d = 2 * (out - y) / y.size
            for layer in reversed(layers):
                d = layer.backward(d)
            for layer in layers:
                layer.W -= 0.01 * layer.dW
"""

_INDENTED = " " * 8

HANDED = (
    *(Snippet(name, DATA + STEP + move, 2, STEP_TWINS[:2]) for name, move in MOVES.items()),
    *(
        Snippet(name, DATA + definition + STEP + f"\n{_INDENTED}    {call}\n", 2, STEP_TWINS[::3])
        for name, (definition, call) in FUNCTIONS_THAT_MOVE.items()
    ),
    *(Snippet(name, DATA + NETWORK + move, 3, NETWORK_TWINS[:1]) for name, move in NETWORK_MOVES.items()),
    Snippet("sums over samples", DATA + SUMMED, 2, SUMMED_TWINS),
    Snippet("a list that is another one later", DATA + STEP + LATER, 2, STEP_TWINS[:1]),
    Snippet("an iteration for each entry", EACH, 1, EACH_TWINS),
    Snippet("layers in a list", DATA + LAYERS, 2, (Twin("self.x.T @ d", "self.x.T @ d / 2", "factor", at="layer.W"),)),
    Snippet("dictionaries that functions return", DATA + RETURNED, 2, RETURNED_TWINS),
)
