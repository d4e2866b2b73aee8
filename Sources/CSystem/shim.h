/// What the system offers and Swift's Glibc module leaves out.
#ifndef BOTSTATS_CSYSTEM_H
#define BOTSTATS_CSYSTEM_H

#include <pthread.h>
#include <sys/prctl.h>
#include <sys/vfs.h>

/// The number that tells a path's file system apart, as statfs(2) lists them; 0 where unknown.
static inline long botstats_file_system(const char *path) {
    struct statfs information;
    return statfs(path, &information) == 0 ? (long)information.f_type : 0;
}

/// Names the calling thread for tools; at most 15 bytes.
static inline void botstats_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

#endif
