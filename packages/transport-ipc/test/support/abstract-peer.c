/*
 * The other side of an abstract name, bound or connected to with its exact length.
 *
 *   abstract-peer connect <name as hex>   prints the greeting that it received as hex, or "refused"
 *   abstract-peer listen <name as hex>    prints "ready", then greets whoever connects, until it is ended
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const unsigned char greeting[8] = {0, 'S', 'P', 0, 0, 0x10, 0, 0};

static socklen_t address_of(struct sockaddr_un *address, const char *hex)
{
  size_t length = strlen(hex) / 2;

  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  for (size_t at = 0; at < length; at++) {
    unsigned int byte;
    sscanf(hex + 2 * at, "%2x", &byte);
    address->sun_path[1 + at] = (char) byte;
  }
  return (socklen_t) (offsetof(struct sockaddr_un, sun_path) + 1 + length);
}

static int greet(int fd)
{
  unsigned char received[8];

  if (write(fd, greeting, sizeof greeting) != sizeof greeting) return -1;
  if (recv(fd, received, sizeof received, MSG_WAITALL) != sizeof received) return -1;
  for (size_t at = 0; at < sizeof received; at++) printf("%02x", received[at]);
  printf("\n");
  fflush(stdout);
  return 0;
}

int main(int argc, char **argv)
{
  struct sockaddr_un address;
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);

  if (argc != 3 || fd < 0 || strlen(argv[2]) > 2 * 107) return 2;
  socklen_t length = address_of(&address, argv[2]);
  if (strcmp(argv[1], "connect") == 0) {
    if (connect(fd, (struct sockaddr *) &address, length) == 0) return greet(fd) == 0 ? 0 : 1;
    printf("%s\n", errno == ECONNREFUSED ? "refused" : strerror(errno));
    return 0;
  }
  if (bind(fd, (struct sockaddr *) &address, length) != 0 || listen(fd, 8) != 0) return 1;
  printf("ready\n");
  fflush(stdout);
  for (;;) {
    int peer = accept(fd, NULL, NULL);
    if (peer >= 0) {
      greet(peer);
      close(peer);
    }
  }
}
