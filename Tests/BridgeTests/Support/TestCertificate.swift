/// A certificate for localhost and 127.0.0.1, good until 2119, that signs itself.
///
/// Its key is public, here, and protects nothing.
enum TestCertificate {
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBRzCB7qADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCWxvY2FsaG9z
        dDAgFw0yMDAxMDEwMDAwMDBaGA8yMTE5MTIzMTAwMDAwMFowFDESMBAGA1UEAwwJ
        bG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAErL4jI6QhGBEwX0Hu
        DHuaPyLFEIwR1ADOD4ChOZZmkpgiKOJ6ngymjfOszX7Mc4YPr72Dgy5stGcf6bUq
        /MQXRKMvMC0wDwYDVR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SH
        BH8AAAEwCgYIKoZIzj0EAwIDSAAwRQIhANqmxVlh0F+GhltT0wguowYgK6Hawu+p
        am4kb0XGTUOsAiAvUC3yk9H31aRqHWfR7hR7U1JVIQ6sTpbf0nl13qb18A==
        -----END CERTIFICATE-----
        """

    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgOq96ednhTKaO18r4
        lV+OGBVsGAXZUxKX7rKh3UOSrxOhRANCAASsviMjpCEYETBfQe4Me5o/IsUQjBHU
        AM4PgKE5lmaSmCIo4nqeDKaN86zNfsxzhg+vvYODLmy0Zx/ptSr8xBdE
        -----END PRIVATE KEY-----
        """

    /// A key that belongs to another certificate.
    static let otherKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0CAyXFE/TEuN4Xw+
        UC+wpQm4CgJoLEFFEz1YKpNW6/ShRANCAASyFj59U+NsLjP8JTSknyT5dc0crchp
        qGEbwAmq2sxdO1I/afxdAJ8+CGW2SEMJqS2qo0olIzz4gTlhhV33oRsL
        -----END PRIVATE KEY-----
        """
}
