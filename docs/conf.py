"""How Sphinx builds the documentation site: ``scripts/docs``."""

import sys
from pathlib import Path

from glassnet import __version__

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "glassnet"
author = copyright = "The glassnet developers"
release = version = __version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "gallery",
    "glossary_links",
    "reference",
    "source_links",
]
exclude_patterns = ["extensions"]
nitpicky = True
nitpick_ignore_regex = [  # names of other packages, whose sites are not asked for
    ("py:.*", r"(?!glassnet\b).*"),
    ("py:class", r"glassnet\..*\.(Loaded|Registered|Returned)"),  # type variables
    ("ref", r"accuracy_score|r2_score"),  # in a docstring of scikit-learn
]

# Pages
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # a page that is included begins below its own title
nb_execution_mode = "force"
nb_execution_in_temp = True  # notebooks write files
nb_execution_raise_on_error = True
nb_execution_timeout = 600
nb_execution_show_tb = True

# Reference
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_use_type_comments = False
maximum_signature_line_length = 88
napoleon_use_ivar = True
napoleon_use_rtype = False
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"

# Appearance
html_theme = "furo"
pygments_dark_style = "github-dark"
html_title = "glassnet"
html_static_path = ["extensions/site.css"]
html_css_files = ["site.css"]
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
