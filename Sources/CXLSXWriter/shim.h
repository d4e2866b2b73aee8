#ifndef BOTSTATS_CXLSXWRITER_H
#define BOTSTATS_CXLSXWRITER_H

#include <sys/syscall.h>
#include <unistd.h>
#include <xlsxwriter.h>

/// Makes a file that lies in memory only, closed where another program is started; -1 and errno
/// where that fails. memfd_create(2) by its number: its declaration needs _GNU_SOURCE, which would
/// make the C library's types others than those of Swift's Glibc.
static inline int botstats_memory_file(void) {
    return (int)syscall(SYS_memfd_create, "botstats-xlsx", 1u);
}

#endif
