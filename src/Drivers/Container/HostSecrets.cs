using System.Collections.Immutable;

namespace Provision.Drivers.Container;

/// <summary>What of the host's files a container on them does not see. <c>~</c> is every user's home directory.</summary>
internal static class HostSecrets
{
    /// <summary>Passwords and private keys, what else administrators keep to themselves, and what commands this host's Provision.</summary>
    public static readonly ImmutableArray<string> Hidden =
    [
        "/etc/shadow*", "/etc/gshadow*", "/etc/nshadow*", "/etc/security/opasswd*", "/etc/sudoers", "/etc/sudoers.d",
        "/etc/ssh", "/etc/ssl/private", "/etc/pki/tls/private", "/etc/letsencrypt", "/etc/wireguard", "/etc/openvpn",
        "/etc/ipsec.secrets", "/etc/ipsec.d/private", "/etc/*.keytab", "/etc/NetworkManager/system-connections", "/etc/kubernetes",
        "/etc/credstore*", "/root", "/home", "~/.ssh", "~/.gnupg", "/var/backups", "/var/spool/cron", "/var/lib/systemd/credential.secret",
        "/swapfile", "/swap.img", "/etc/provision", "/run/provision", "/var/run/provision", "/var/lib/provision",
    ];

    public static string Text => string.Join(", ", Hidden);
}
