// A disk that fails, for whatever is loaded with this before the C library: each write, flush and cut under FAULTY_DIR is
// counted, and each file or folder that is made, named anew or removed. The one with the number FAULTY_FROM fails, and so do
// FAULTY_COUNT - 1 after it; on a disk that is full nothing is kept from being removed. With FAULTY_WHILE all of them
// fail for as long as that file exists. What was counted is written to FAULTY_TALLY, a line each.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static void tally(const char *what) {
  const char *path = getenv("FAULTY_TALLY");
  FILE *file = path ? fopen(path, "a") : NULL;
  if (!file) return;
  fprintf(file, "%s\n", what);
  fclose(file);
}

static int fails(const char *path, const char *what) {
  if (!is_ours(path)) return 0;
  long at = atomic_fetch_add(&counted, 1) + 1, from = number("FAULTY_FROM", 0);
  tally(what);
  const char *while_there = getenv("FAULTY_WHILE");
  int now = while_there ? access(while_there, F_OK) == 0 : from > 0 && at >= from && at - from < number("FAULTY_COUNT", 1);
  int error = (int)number("FAULTY_ERRNO", EIO);
  if (error == ENOSPC && strcmp(what, "unlink") == 0) return 0;
  if (now) errno = error;
  return now;
}

static int path_of(int fd, char *path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, size - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return 1;
}

static int fails_at(int fd, const char *what) {
  char path[4096];
  return path_of(fd, path, sizeof path) && fails(path, what);
}

static int fails_in(int dir, const char *name, const char *what) {
  char path[4096], whole[8192];
  if (dir == AT_FDCWD || name[0] == '/') return fails(name, what);
  if (!path_of(dir, path, sizeof path)) return 0;
  snprintf(whole, sizeof whole, "%s/%s", path, name);
  return fails(whole, what);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
  return fails_at(fd, "write") ? -1 : REAL(pwrite64)(fd, bytes, length, at);
}
ssize_t write(int fd, const void *bytes, size_t length) { return fails_at(fd, "write") ? -1 : REAL(write)(fd, bytes, length); }
int fsync(int fd) { return fails_at(fd, "fsync") ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return fails_at(fd, "fsync") ? -1 : REAL(fdatasync)(fd); }
int ftruncate64(int fd, off64_t length) { return fails_at(fd, "cut") ? -1 : REAL(ftruncate64)(fd, length); }

// A file that is there already is opened even on a full disk.
#define OPENS(name)                                                                     \
  int name(const char *path, int flags, ...) {                                          \
    va_list rest;                                                                       \
    va_start(rest, flags);                                                              \
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;                           \
    va_end(rest);                                                                       \
    if (flags & O_CREAT && access(path, F_OK) != 0 && fails(path, "create")) return -1; \
    return REAL(name)(path, flags, mode);                                               \
  }
OPENS(open)
OPENS(open64)

// What is there already is not made, and what is not there not removed, on any disk.
int mkdir(const char *path, mode_t mode) { return access(path, F_OK) != 0 && fails(path, "mkdir") ? -1 : REAL(mkdir)(path, mode); }
int rename(const char *from, const char *to) { return fails(to, "rename") ? -1 : REAL(rename)(from, to); }
int link(const char *from, const char *to) { return fails(to, "link") ? -1 : REAL(link)(from, to); }
int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags) {
  return fails_in(to_dir, to, "link") ? -1 : REAL(linkat)(from_dir, from, to_dir, to, flags);
}
int unlink(const char *path) { return access(path, F_OK) == 0 && fails(path, "unlink") ? -1 : REAL(unlink)(path); }
int unlinkat(int dir, const char *name, int flags) {
  return faccessat(dir, name, F_OK, 0) == 0 && fails_in(dir, name, "unlink") ? -1 : REAL(unlinkat)(dir, name, flags);
}
int rmdir(const char *path) { return fails(path, "unlink") ? -1 : REAL(rmdir)(path); }
