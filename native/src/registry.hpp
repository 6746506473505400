// The activations, losses and optimizers of this engine, each registered once: by the name that Python uses and the
// class that implements it. The enumerations, the tables of names and the switches follow from these lists.
//
// To add one, add a line here and a class in activations.hpp, losses.hpp or optimizers.hpp.
#pragma once

namespace glassnet {

// X(name, class): activations of each number for itself.
#define GLASSNET_ELEMENTWISE_ACTIVATIONS(X) \
    X(identity, Identity)                   \
    X(step, Step)                           \
    X(relu, Relu)                           \
    X(leaky_relu, LeakyRelu)                \
    X(elu, Elu)                             \
    X(selu, Selu)                           \
    X(sigmoid, Sigmoid)                     \
    X(tanh, Tanh)                           \
    X(softplus, Softplus)                   \
    X(gelu, Gelu)                           \
    X(silu, Silu)                           \
    X(mish, Mish)                           \
    X(exponential, Exponential)
// Softmax normalizes a whole row of outputs; it is implemented in output.hpp.
#define GLASSNET_ACTIVATIONS(X) GLASSNET_ELEMENTWISE_ACTIVATIONS(X) X(softmax, )

// X(name, class): losses of each output for itself.
#define GLASSNET_ELEMENTWISE_LOSSES(X) \
    X(squared_error, SquaredError)     \
    X(absolute_error, AbsoluteError)   \
    X(huber, Huber)                    \
    X(quantile, Quantile)              \
    X(poisson, Poisson)                \
    X(binary_log_loss, BinaryLogLoss)
// The loss of softmax outputs is computed together with the softmax, in output.hpp.
#define GLASSNET_LOSSES(X) GLASSNET_ELEMENTWISE_LOSSES(X) X(categorical_log_loss, )

// X(name, class, number of moments that it keeps for every parameter)
#define GLASSNET_OPTIMIZERS(X)              \
    X(gradient_descent, GradientDescent, 0) \
    X(momentum, Momentum, 1)                \
    X(nesterov, Nesterov, 1)                \
    X(rmsprop, RmsProp, 1)                  \
    X(adam, Adam, 2)                        \
    X(adamw, AdamW, 2)

#define GLASSNET_ENUMERATOR(name, ...) name,
#define GLASSNET_NAME(name, ...) #name,
#define GLASSNET_MOMENTS(name, implementation, moments) moments,

enum class Activation { GLASSNET_ACTIVATIONS(GLASSNET_ENUMERATOR) };
enum class Loss { GLASSNET_LOSSES(GLASSNET_ENUMERATOR) };
enum class Optimizer { GLASSNET_OPTIMIZERS(GLASSNET_ENUMERATOR) };

constexpr const char* ACTIVATION_NAMES[] = {GLASSNET_ACTIVATIONS(GLASSNET_NAME)};
constexpr const char* LOSS_NAMES[] = {GLASSNET_LOSSES(GLASSNET_NAME)};
constexpr const char* OPTIMIZER_NAMES[] = {GLASSNET_OPTIMIZERS(GLASSNET_NAME)};

inline int moment_count(Optimizer optimizer) {
    constexpr int COUNTS[] = {GLASSNET_OPTIMIZERS(GLASSNET_MOMENTS)};
    return COUNTS[static_cast<int>(optimizer)];
}

#undef GLASSNET_ENUMERATOR
#undef GLASSNET_NAME
#undef GLASSNET_MOMENTS

}  // namespace glassnet
