import Testing

@testable import Access

struct Base64URLTests {
    /// RFC 4648, section 10, without the padding.
    @Test(
        arguments: [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"),
            ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"), ("\u{7f}\u{7e}~?>", "f35-Pz4"),
        ]
    )
    func `bytes and their text are one to one`(bytes: String, text: String) {
        #expect(Base64URL.encode(bytes.utf8) == text)
        #expect(Base64URL.decode(text.utf8) == Array(bytes.utf8))
    }

    @Test(
        arguments: [
            // Padding, the other alphabet, space, a lone digit, bits that mean nothing.
            "Zg==", "+/8", "Zm 9v", "Z", "Zh", "Zm9",
        ]
    )
    func `another spelling is refused`(text: String) {
        #expect(Base64URL.decode(text.utf8) == nil)
    }
}
