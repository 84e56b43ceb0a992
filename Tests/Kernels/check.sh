#!/bin/sh
# Compiles the kernels and check.c with AddressSanitizer and UndefinedBehaviorSanitizer and runs them
# at every level of this machine. Needs clang with its sanitizer libraries (Swift's toolchain has both).
set -e
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
${CC:-clang} -O1 -g -fno-math-errno -fno-omit-frame-pointer -Wall -Wextra -Werror \
    -fuse-ld=lld -fsanitize=address,undefined -fno-sanitize-recover=undefined \
    -I "$root/Sources/CKernels/include" "$root"/Sources/CKernels/*.c "$root/Tests/Kernels/check.c" \
    -o "$work/check" -lm -lpthread
"$work/check"
