extension JSONValue {
    /// Writes the value as JSON text.
    ///
    /// Doubles are written in the shortest form that reads back as the same number (Swift's
    /// `description`); members keep their order, so equal values give equal bytes.
    ///
    /// - Parameter pretty: Whether to break lines and indent by two spaces.
    /// - Returns: The text, without a final newline.
    /// - Complexity: O(size of the value).
    public func serialized(pretty: Bool = false) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(512)
        write(into: &output, indentation: pretty ? 0 : nil)
        return String(decoding: output, as: UTF8.self)
    }

    /// Writes the value as the bytes of JSON text.
    ///
    /// - Returns: UTF-8 without a final newline.
    /// - Complexity: O(size of the value).
    public func serializedBytes() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(512)
        write(into: &output, indentation: nil)
        return output
    }

    private func write(into output: inout [UInt8], indentation: Int?) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): output.append(contentsOf: String(value).utf8)
        case .double(let value): Self.write(value, into: &output)
        case .string(let value): Self.write(value, into: &output)
        case .array(let values):
            Self.writeList(values, open: "[", close: "]", into: &output, indentation) {
                $0.write(into: &$1, indentation: $2)
            }
        case .object(let members):
            Self.writeList(members, open: "{", close: "}", into: &output, indentation) {
                Self.write($0.name, into: &$1)
                $1.append(UInt8(ascii: ":"))
                if $2 != nil { $1.append(UInt8(ascii: " ")) }
                $0.value.write(into: &$1, indentation: $2)
            }
        }
    }

    private static func writeList<Element>(
        _ elements: [Element],
        open: Unicode.Scalar,
        close: Unicode.Scalar,
        into output: inout [UInt8],
        _ indentation: Int?,
        _ writeElement: (Element, inout [UInt8], Int?) -> Void
    ) {
        output.append(UInt8(ascii: open))
        let inner = indentation.map { $0 + 2 }
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            breakLine(inner, into: &output)
            writeElement(element, &output, inner)
        }
        if !elements.isEmpty { breakLine(indentation, into: &output) }
        output.append(UInt8(ascii: close))
    }

    private static func breakLine(_ indentation: Int?, into output: inout [UInt8]) {
        guard let indentation else { return }
        output.append(UInt8(ascii: "\n"))
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indentation))
    }

    private static func write(_ value: Double, into output: inout [UInt8]) {
        precondition(value.isFinite, "JSON has no text for an infinite number")
        output.append(contentsOf: value.description.utf8)
    }

    private static func write(_ value: String, into output: inout [UInt8]) {
        let hex = Array("0123456789abcdef".utf8)
        output.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""): output.append(contentsOf: #"\""#.utf8)
            case UInt8(ascii: "\\"): output.append(contentsOf: #"\\"#.utf8)
            case UInt8(ascii: "\n"): output.append(contentsOf: #"\n"#.utf8)
            case UInt8(ascii: "\r"): output.append(contentsOf: #"\r"#.utf8)
            case UInt8(ascii: "\t"): output.append(contentsOf: #"\t"#.utf8)
            case 0..<0x20:
                output.append(contentsOf: #"\u00"#.utf8)
                output.append(hex[Int(byte >> 4)])
                output.append(hex[Int(byte & 15)])
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
