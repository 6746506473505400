/* From the outputs of a target of classes to its n probabilities, with a temperature. Returns the place of the class. */
static inline int NAME_classes_of(const double *outputs, size_t count, double *shares, size_t n, double temperature)
{
    double total = 0.0, largest;
    size_t i, place = 0;
    for (i = 0; i < count; i++) {
        shares[n - count + i] = NAME_clip(outputs[i], 0.0, 1.0);
        total += shares[n - count + i];
        place = outputs[i] > outputs[place] ? i : place;
    }
    if (count == 1) {
        shares[0] = 1.0 - shares[1];
        place = outputs[0] > 0.5;
    } else {
        for (i = 0; i < n; i++) {
            shares[i] = total > 0.0 ? shares[i] / total : 1.0 / (double)n;
        }
    }
    if (temperature < 1.0 || temperature > 1.0) {
        for (i = 0; i < n; i++) {
            shares[i] = log(shares[i] > 2.220446049250313e-16 ? shares[i] : 2.220446049250313e-16) / temperature;
        }
        largest = shares[0];
        for (i = 1; i < n; i++) {
            largest = shares[i] > largest ? shares[i] : largest;
        }
        total = 0.0;
        for (i = 0; i < n; i++) {
            shares[i] = exp(shares[i] - largest);
            total += shares[i];
        }
        for (i = 0; i < n; i++) {
            shares[i] /= total;
        }
    }
    return (int)place;
}
