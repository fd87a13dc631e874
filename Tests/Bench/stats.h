/* Time and percentiles, in microseconds. */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static inline double now_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static inline int compare_doubles(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Sorts the samples in place. */
static inline void sort_samples(double *samples, int count) { qsort(samples, count, sizeof *samples, compare_doubles); }

/* The sample below which `share` (0...1) of the sorted samples lie; 0 when there is none. */
static inline double percentile(const double *sorted, int count, double share) {
    int rank = (int)(share * count);
    return count ? sorted[rank < count ? rank : count - 1] : 0;
}

#endif
