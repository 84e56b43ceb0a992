#include "kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("avx2,fma,f16c,avx512f,avx512dq,avx512bw,avx512vl,avx512bf16,avx512vnni"))), \
    apply_to = function)

#define CK_HAS_BF16
#include "vector_avx512.h"
#include "micro_avx512.h"

#define CK_LEVEL ck_kernels_avx512bf16
#include "body.h"

#pragma clang attribute pop
#endif
