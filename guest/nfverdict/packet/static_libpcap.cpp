// SPDX-License-Identifier: GPL-2.0-or-later
// What a static libpcap would otherwise draw in. Packet filters are all that is used of it:
// Debian's capture of D-Bus messages would need libraries that there are only shared, and names of
// machines would need the C library's shared name service at run time.
#include <arpa/inet.h>
#include <netdb.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

namespace {

// services(5): "ssh 22/tcp aliases"; 0 for a name that is not there.
int port_of(const std::string& name, const std::string& protocol) {
    std::ifstream services("/etc/services");
    for (std::string line; std::getline(services, line);) {
        std::istringstream words(line.substr(0, line.find('#')));
        std::string word;
        std::string port;
        words >> word >> port;
        const auto slash = port.find('/');
        if (slash == std::string::npos || port.substr(slash + 1) != protocol)
            continue;
        do
            if (word == name)
                return std::atoi(port.c_str());
        while (words >> word);
    }
    return 0;
}

} // namespace

extern "C" {

int dbus_findalldevs(void*, char*) {
    return 0;
}

void* dbus_create(const char*, char*, int*) {
    return nullptr;
}

// libpcap asks for ports with `node` empty, and for machines with `service` empty.
int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
    if (node || !service)
        return EAI_NONAME;
    const bool udp = hints && hints->ai_protocol == IPPROTO_UDP;
    const int port = port_of(service, udp ? "udp" : "tcp");
    if (port == 0)
        return EAI_NONAME;
    struct Answer {
        addrinfo info;
        sockaddr_in address;
    };
    auto* answer = static_cast<Answer*>(std::calloc(1, sizeof(Answer)));
    if (!answer)
        return EAI_MEMORY;
    answer->address.sin_family = AF_INET;
    answer->address.sin_port = htons(static_cast<std::uint16_t>(port));
    answer->info.ai_family = AF_INET;
    answer->info.ai_protocol = udp ? IPPROTO_UDP : IPPROTO_TCP;
    answer->info.ai_addrlen = sizeof answer->address;
    answer->info.ai_addr = reinterpret_cast<sockaddr*>(&answer->address);
    *result = &answer->info;
    return 0;
}

void freeaddrinfo(addrinfo* list) {
    std::free(list);
}

hostent* gethostbyname(const char*) {
    return nullptr;
}

int getnetbyname_r(const char*, netent*, char*, std::size_t, netent** result, int* error) {
    *result = nullptr;
    *error = HOST_NOT_FOUND;
    return 0;
}

int getprotobyname_r(const char*, protoent*, char*, std::size_t, protoent** result) {
    *result = nullptr;
    return 0;
}
}
