#ifdef __cplusplus
#define NAME_RESTRICT
#else
#define NAME_RESTRICT restrict
#endif

/* This header runs on any processor. Unless the compiler is told which kind of x86-64 it is, it compiles the layers for
   several kinds, and the program takes those of its processor. */
#if defined(__GNUC__) && defined(__x86_64__) && !(defined(__AVX2__) && defined(__FMA__))
#define NAME_KINDS 1
#define NAME_AVX2 static __attribute__((target("avx2,fma")))
#define NAME_AVX512 static __attribute__((target("avx512f,avx512vl,fma")))
#define NAME_LAYER static inline __attribute__((always_inline))
#else
#define NAME_KINDS 0
#define NAME_LAYER static inline
#endif
/* Whether products are added without being rounded first, as the engine does it. */
#ifdef FP_FAST_FMAF
#define NAME_FUSED 1
#else
#define NAME_FUSED 0
#endif
#if defined(__GNUC__) && !defined(__clang__) && (NAME_KINDS || defined(__AVX2__))
#define NAME_UNROLL 1
#else
#define NAME_UNROLL 0
#endif
