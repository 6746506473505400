"""Models of scikit-learn, PyTorch and Keras as records of glassnet, and records as theirs."""
