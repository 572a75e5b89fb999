// A disk that fails, for whatever is loaded with this before the C library: each write, flush, cut and creation of a
// file under FAULTY_DIR is counted, the one with the number FAULTY_FROM fails, and so do FAULTY_COUNT - 1 after it. With
// FAULTY_WHILE all of them fail for as long as that file exists. How many were counted is written to FAULTY_TALLY.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long counted;

static long number(const char *name, long otherwise) {
  const char *text = getenv(name);
  return text ? atol(text) : otherwise;
}

static int is_ours(const char *path) {
  const char *dir = getenv("FAULTY_DIR");
  return dir && strncmp(path, dir, strlen(dir)) == 0;
}

static void tally(long at) {
  const char *path = getenv("FAULTY_TALLY");
  FILE *file = path ? fopen(path, "w") : NULL;
  if (!file) return;
  fprintf(file, "%ld", at);
  fclose(file);
}

static int fails(const char *path) {
  if (!is_ours(path)) return 0;
  long at = atomic_fetch_add(&counted, 1) + 1, from = number("FAULTY_FROM", 0);
  tally(at);
  const char *while_there = getenv("FAULTY_WHILE");
  int now = while_there ? access(while_there, F_OK) == 0 : from > 0 && at >= from && at - from < number("FAULTY_COUNT", 1);
  if (now) errno = (int)number("FAULTY_ERRNO", EIO);
  return now;
}

static int fails_at(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return fails(path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
  return fails_at(fd) ? -1 : REAL(pwrite64)(fd, bytes, length, at);
}
ssize_t write(int fd, const void *bytes, size_t length) { return fails_at(fd) ? -1 : REAL(write)(fd, bytes, length); }
int fsync(int fd) { return fails_at(fd) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return fails_at(fd) ? -1 : REAL(fdatasync)(fd); }
int ftruncate64(int fd, off64_t length) { return fails_at(fd) ? -1 : REAL(ftruncate64)(fd, length); }

// A file that is there already is opened even on a full disk.
#define OPENS(name)                                                                     \
  int name(const char *path, int flags, ...) {                                          \
    va_list rest;                                                                       \
    va_start(rest, flags);                                                              \
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;                           \
    va_end(rest);                                                                       \
    if (flags & O_CREAT && access(path, F_OK) != 0 && fails(path)) return -1;           \
    return REAL(name)(path, flags, mode);                                               \
  }
OPENS(open)
OPENS(open64)
