#include "CTerminal.h"

#include <malloc.h>

/* By default each thread may keep a pool of its own, which stays as large as it was at its largest,
   and blocks of up to 32 MB go into pools once one of their size was freed. */
void lt_return_memory(void) {
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
}

/* A pool shrinks by itself only at its end; this gives back whole pages from between blocks too. */
void lt_trim_memory(void) { malloc_trim(0); }
