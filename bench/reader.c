// Reads what a plan with nothing to do reads, as fast as C can in one thread: the yardstick of `make bench`.
//   reader LIST      each line of LIST is `F PATH` (a file), `D PATH` (a cgroup: its marks and its entries), `L PATH` (a
//                    symbolic link), `N PATH` (a network namespace: its links, addresses and routes) or `U PATH` (a UTS
//                    namespace: its host name); what has gone since the list was made is passed over
//   reader links     additionally, or alone: every link and every address by one rtnetlink dump each
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char *const marks[] = {
    "trusted.provision.instance", "trusted.provision.stack", "trusted.provision.resource", "trusted.provision.spec",
};

static char buffer[1 << 18];

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void read_file(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT)
        return;
    if (file < 0 || (read(file, buffer, sizeof buffer) < 0 && errno != EISDIR))
        die(path);
    close(file);
}

static void read_directory(const char *path)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        die(path);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        fgetxattr(directory, marks[i], buffer, sizeof buffer);
    while (syscall(SYS_getdents64, directory, buffer, sizeof buffer) > 0)
        ;
    close(directory);
}

static void dump(int netlink, int type, int family, size_t header);
static int route_socket(void);

static void enter(const char *path, int kind)
{
    int namespace = open(path, O_RDONLY | O_CLOEXEC);
    if (namespace < 0 || setns(namespace, kind) < 0)
        die(path);
    close(namespace);
}

static void read_network(const char *path)
{
    enter(path, CLONE_NEWNET);
    int netlink = route_socket();
    dump(netlink, RTM_GETLINK, AF_UNSPEC, sizeof(struct ifinfomsg));
    dump(netlink, RTM_GETADDR, AF_UNSPEC, sizeof(struct ifaddrmsg));
    dump(netlink, RTM_GETROUTE, AF_INET, sizeof(struct rtmsg));
    dump(netlink, RTM_GETROUTE, AF_INET6, sizeof(struct rtmsg));
    close(netlink);
}

static void read_name(const char *path)
{
    struct utsname name;
    enter(path, CLONE_NEWUTS);
    if (uname(&name) < 0)
        die("uname");
}

static void read_list(const char *path)
{
    FILE *list = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    if (!list)
        die(path);
    while ((length = getline(&line, &size, list)) > 2) {
        line[length - 1] = 0;
        switch (line[0]) {
        case 'D': read_directory(line + 2); break;
        case 'L': if (readlink(line + 2, buffer, sizeof buffer) < 0) die(line + 2); break;
        case 'N': read_network(line + 2); break;
        case 'U': read_name(line + 2); break;
        default: read_file(line + 2);
        }
    }
    free(line);
    fclose(list);
}

// One dump to its end; the header that follows struct nlmsghdr is zero but for its first byte, the family.
static void dump(int netlink, int type, int family, size_t header)
{
    struct {
        struct nlmsghdr message;
        char header[sizeof(struct ifinfomsg)];
    } request = {.message = {
        .nlmsg_len = NLMSG_LENGTH(header), .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP, .nlmsg_seq = type}};
    request.header[0] = family;
    if (send(netlink, &request, request.message.nlmsg_len, 0) < 0)
        die("send");
    for (;;) {
        ssize_t got = recv(netlink, buffer, sizeof buffer, 0);
        if (got < 0)
            die("recv");
        for (struct nlmsghdr *m = (struct nlmsghdr *)buffer; NLMSG_OK(m, got); m = NLMSG_NEXT(m, got)) {
            if (m->nlmsg_type == NLMSG_DONE)
                return;
            if (m->nlmsg_type == NLMSG_ERROR)
                die("netlink");
        }
    }
}

static int route_socket(void)
{
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (netlink < 0)
        die("socket");
    return netlink;
}

static void read_links(void)
{
    int netlink = route_socket();
    dump(netlink, RTM_GETLINK, AF_UNSPEC, sizeof(struct ifinfomsg));
    dump(netlink, RTM_GETADDR, AF_UNSPEC, sizeof(struct ifaddrmsg));
    close(netlink);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "links") == 0)
            read_links();
        else
            read_list(argv[i]);
    return 0;
}
