#if NAME_KINDS
NAME_AVX2 void NAME_layers_avx2SFX(const REAL *x, double *outputs)
{
    NAME_layersSFX(x, outputs, 1);
}

NAME_AVX512 void NAME_layers_avx512SFX(const REAL *x, double *outputs)
{
    NAME_layersSFX(x, outputs, 1);
}
#endif

/* The sums of the networks' outputs. */
static inline void NAME_outputsSFX(const REAL *x, double *outputs)
{
#if NAME_KINDS
    if (__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma")) {
        NAME_layers_avx512SFX(x, outputs);
        return;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        NAME_layers_avx2SFX(x, outputs);
        return;
    }
#endif
    NAME_layersSFX(x, outputs, NAME_FUSED);
}
