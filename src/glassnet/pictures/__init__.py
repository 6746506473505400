"""Pictures of networks, of their training and of their predictions: one function per picture.

Every function takes plain data or a model and, by keyword, ``title``, ``ax`` and ``theme`` (see :class:`Style`); it
draws into ``ax`` or, by default, into a new figure, and returns the axes. :func:`save` writes their figure as PNG, SVG
or PDF. No global state is changed (no pyplot, no style sheet), so pictures can be drawn in threads, in notebooks (which
show the axes as the picture) and without a screen. :func:`draw` finds a picture of a model by its name in
:data:`CATALOG`.

Matplotlib is loaded when this package is, and only then: ``pip install ".[plots]"``.
"""

try:
    import matplotlib as _matplotlib  # noqa: F401
except ImportError as error:
    from glassnet.errors import to_install

    raise ImportError(
        f"glassnet.pictures needs Matplotlib: {to_install('plots')}.", name="matplotlib"
    ) from error

from glassnet.pictures.catalog import CATALOG, Picture, draw
from glassnet.pictures.chapter import chapter, functions
from glassnet.pictures.classification import confusion, reliability
from glassnet.pictures.curves import curves
from glassnet.pictures.files import check_ending, save
from glassnet.pictures.first_layer import first_layer
from glassnet.pictures.functions import activations
from glassnet.pictures.histograms import activation_histograms, weights
from glassnet.pictures.importance_plots import importances, model_importances
from glassnet.pictures.network import flow, gradients, network
from glassnet.pictures.neuron import neuron
from glassnet.pictures.panel import Style
from glassnet.pictures.predictions import predicted_vs_actual, residuals
from glassnet.pictures.profiles import model_profile, profile
from glassnet.pictures.search_trials import trials
from glassnet.pictures.surface import surface
from glassnet.pictures.theme import DARK, LIGHT, THEMES, Theme
from glassnet.pictures.thresholds import precision_recall, roc

__all__ = [
    "CATALOG",
    "DARK",
    "LIGHT",
    "THEMES",
    "Picture",
    "Style",
    "Theme",
    "activation_histograms",
    "activations",
    "chapter",
    "check_ending",
    "confusion",
    "curves",
    "draw",
    "first_layer",
    "flow",
    "functions",
    "gradients",
    "importances",
    "model_importances",
    "model_profile",
    "network",
    "neuron",
    "precision_recall",
    "predicted_vs_actual",
    "profile",
    "reliability",
    "residuals",
    "roc",
    "save",
    "surface",
    "trials",
    "weights",
]
