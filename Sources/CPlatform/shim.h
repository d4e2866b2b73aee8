/// What the system offers and Swift's Glibc module leaves out.
#ifndef BOTSTATS_CPLATFORM_H
#define BOTSTATS_CPLATFORM_H

#include <errno.h>
#include <linux/falloc.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/// The number that tells a path's file system apart, as statfs(2) lists them; 0 where unknown.
static inline long botstats_file_system(const char *path) {
    struct statfs information;
    return statfs(path, &information) == 0 ? (long)information.f_type : 0;
}

/// Makes an eventfd whose reads and writes never wait; negative where there are no more files.
static inline int botstats_make_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/// Names the calling thread for tools; at most 15 bytes.
static inline void botstats_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

/// Lets other threads of the process go first; `by` is what nice(1) adds.
static inline void botstats_lower_priority(int by) {
    // On Linux a thread has a priority of its own: setpriority(2), "C library/kernel differences".
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), by);
}

/// Takes the pages of a mapped file out of the process; they stay in the system's cache.
static inline void botstats_release_mapping(const char *path) {
    char real[4096], line[4608];
    if (realpath(path, real) == NULL) return;
    FILE *maps = fopen("/proc/self/maps", "r");
    if (maps == NULL) return;
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long start = 0, end = 0;
        char *name = strchr(line, '/');
        if (name == NULL || sscanf(line, "%lx-%lx", &start, &end) != 2) continue;
        name[strcspn(name, "\n")] = 0;
        // A shared mapping of a file is read again where it is touched again.
        if (strcmp(name, real) == 0) madvise((void *)start, end - start, MADV_DONTNEED);
    }
    fclose(maps);
}

/// Gives bytes inside of a file back to the file system; they read as zeros from then on, and the
/// file keeps its length. Bytes that are no longer there are passed over at little cost.
///
/// Returns 0 where there was a hole already, `length` where it made one, or the negative error
/// number.
static inline long botstats_punch_hole(int file, long start, long length) {
    // SEEK_DATA, which the C library only declares with its extensions.
    off_t data = lseek(file, start, 3);
    if (data < 0) return errno == ENXIO ? 0 : -errno;
    if (data >= start + length) return 0;
    int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    return syscall(SYS_fallocate, file, mode, start, length) == 0 ? length : -errno;
}

#endif
