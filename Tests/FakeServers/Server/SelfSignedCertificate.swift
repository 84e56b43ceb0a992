import NIOSSL

/// A certificate for 127.0.0.1 that nobody signed, and its key: good for loopback tests only.
public enum SelfSignedCertificate {
    /// The certificate; a client that is given it as its CA trusts the fake.
    public static let pem = """
        -----BEGIN CERTIFICATE-----
        MIIBmzCCAUGgAwIBAgIUX/A/gUJ/744XMiNDHd5aIpJfj58wCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyMTAyMTQ0OFoYDzIxMjYxMDI4
        MDIxNDQ4WjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAASSJvliwVBANIOc+KWnhFjluhQQYEPtINoMYV4QwbrpKVWcxo3hmuN3
        cVtKScv4K9y/7YQ+99LIGQ5j5WBSH/4Ao28wbTAdBgNVHQ4EFgQU9GnfeMtwScOv
        hH+g2QmAAw3tVPkwHwYDVR0jBBgwFoAU9GnfeMtwScOvhH+g2QmAAw3tVPkwDwYD
        VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwCgYIKoZI
        zj0EAwIDSAAwRQIgYMJh0l1TNKLb1hVUGnfdmXMPgaMajOH0xzMB96rFzbECIQDp
        0/4wn/nK8XNJOTWxS8IhgdE7FPWchm31rLuriiofpw==
        -----END CERTIFICATE-----
        """

    private static let privateKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgwL9eLoQxsZH3uhaV
        YthGEa6hyF4ERDDQps5TYVpSZXahRANCAASSJvliwVBANIOc+KWnhFjluhQQYEPt
        INoMYV4QwbrpKVWcxo3hmuN3cVtKScv4K9y/7YQ+99LIGQ5j5WBSH/4A
        -----END PRIVATE KEY-----
        """

    static func serverTLS() throws -> TLSConfiguration {
        let certificate = try NIOSSLCertificate(bytes: Array(pem.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(privateKey.utf8), format: .pem)
        return .makeServerConfiguration(
            certificateChain: [.certificate(certificate)], privateKey: .privateKey(key))
    }
}
