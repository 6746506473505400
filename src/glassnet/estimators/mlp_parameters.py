"""Parameters and attributes that :class:`MLPClassifier` and :class:`MLPRegressor` share, and the checks of parameters.

Parameters
----------
loss : {'squared_error', 'poisson'}
    The loss: 'squared_error' with an identity output, or 'poisson' with an exponential one, for y >= 0.

hidden_layer_sizes : int or array-like of shape (n_layers - 2,)
    Neurons of each hidden layer.

activation : {'identity', 'logistic', 'tanh', 'relu'}
    Activation of the hidden layers.

solver : {'lbfgs', 'sgd', 'adam'}
    How the loss is minimized: by L-BFGS on all rows at once, or by steps on batches of rows.

alpha : float
    L2 penalty, divided by the number of rows in a batch.

batch_size : int or 'auto'
    Rows per step of sgd and adam; 'auto' is ``min(200, n_samples)``.

learning_rate : {'constant', 'invscaling', 'adaptive'}
    How the learning rate of sgd changes: not at all; as ``learning_rate_init / (t + 1)**power_t`` after ``t`` rows; or
    divided by 5 whenever training does not improve.

learning_rate_init : float
    Initial learning rate of sgd and adam.

power_t : float
    Exponent of learning_rate='invscaling'.

max_iter : int
    Maximum number of epochs; of lbfgs, of iterations.

shuffle : bool
    Whether sgd and adam shuffle the rows in each epoch.

random_state : int, RandomState instance or None
    Draws the initial weights, the validation rows and the orders of the rows. An int makes a fit repeatable.

tol : float
    Training ends when ``n_iter_no_change`` epochs in a row did not improve by this much; of lbfgs, when no component of
    the gradient is larger.

verbose : bool or int
    Whether to print the loss of every epoch of sgd and adam.

warm_start : bool
    Whether ``fit`` continues from the last fit.

momentum : float
    Momentum of sgd, from 0 to 1.

nesterovs_momentum : bool
    Whether sgd uses Nesterov's momentum.

early_stopping : bool
    Whether sgd and adam stop by the score on ``validation_fraction`` of the rows and keep the best parameters, instead
    of stopping by the training loss.

validation_fraction : float
    Share of the rows that ``early_stopping`` holds out.

beta_1 : float
    Decay rate of adam's mean of gradients.

beta_2 : float
    Decay rate of adam's mean of squared gradients.

epsilon : float
    Keeps adam from dividing by zero.

n_iter_no_change : int or inf
    Epochs of sgd and adam that may pass without an improvement by ``tol``.

max_fun : int
    Maximum number of times that lbfgs computes the loss.

Attributes
----------
coefs_ : list of n_layers - 1 ndarrays
    Weights between two layers, each (inputs, outputs).

intercepts_ : list of n_layers - 1 ndarrays
    Biases of a layer, each (outputs,).

loss_ : float
    Loss of the last epoch, penalty included.

n_iter_ : int
    Epochs or iterations of the last fit.

t_ : int
    Rows that sgd and adam trained on, counted in every epoch.

n_layers_ : int
    Layers, inputs and outputs included.

n_outputs_ : int
    Outputs of the network.

out_activation_ : str
    Activation of the output layer: 'identity', 'exp', 'logistic' or 'softmax'.

loss_curve_ : list of float
    Loss of every epoch; only of sgd and adam.

best_loss_ : float or None
    Smallest loss of an epoch; None with early_stopping; only of sgd and adam.

validation_scores_ : list of float or None
    Score of every epoch on the rows held out; only with early_stopping, else None.

best_validation_score_ : float or None
    Largest of the ``validation_scores_``; only with early_stopping, else None.

n_features_in_ : int
    Columns of X.

feature_names_in_ : ndarray of shape (n_features,)
    Names of the columns; only if all are strings.
"""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, Options, StrOptions

CONSTRAINTS: dict[str, list[Any]] = {
    "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
    "activation": [StrOptions({"identity", "logistic", "tanh", "relu"})],
    "solver": [StrOptions({"lbfgs", "sgd", "adam"})],
    "alpha": [Interval(Real, 0, None, closed="left")],
    "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
    "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
    "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
    "power_t": [Interval(Real, 0, None, closed="left")],
    "max_iter": [Interval(Integral, 1, None, closed="left")],
    "shuffle": ["boolean"],
    "random_state": ["random_state"],
    "tol": [Interval(Real, 0, None, closed="left")],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "momentum": [Interval(Real, 0, 1, closed="both")],
    "nesterovs_momentum": ["boolean"],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="left")],
    "beta_1": [Interval(Real, 0, 1, closed="left")],
    "beta_2": [Interval(Real, 0, 1, closed="left")],
    "epsilon": [Interval(Real, 0, None, closed="neither")],
    "n_iter_no_change": [Interval(Integral, 1, None, closed="left"), Options(Real, {np.inf})],
    "max_fun": [Interval(Integral, 1, None, closed="left")],
}
