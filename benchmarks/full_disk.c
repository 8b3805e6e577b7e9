/* No space left for files whose path holds $FULL_PATH: writes to them fail as on a full disk. For faults.py: LD_PRELOAD=full_disk.so */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int full(int fd) {
    const char *part = getenv("FULL_PATH");
    char link[64], path[4096];
    if (!part || !*part || fd < 3) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    return strstr(path, part) != NULL;
}

#define REFUSE(fd) if (full(fd)) { errno = ENOSPC; return -1; }
ssize_t write(int fd, const void *b, size_t n) {
    REFUSE(fd)
    return ((ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write"))(fd, b, n);
}
ssize_t pwrite(int fd, const void *b, size_t n, off_t at) {
    REFUSE(fd)
    return ((ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite"))(fd, b, n, at);
}
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t at) {
    REFUSE(fd)
    return ((ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64"))(fd, b, n, at);
}
ssize_t writev(int fd, const struct iovec *v, int n) {
    REFUSE(fd)
    return ((ssize_t (*)(int, const struct iovec *, int))dlsym(RTLD_NEXT, "writev"))(fd, v, n);
}
