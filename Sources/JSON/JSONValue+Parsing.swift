internal import Foundation

extension JSONValue {
    /// Why a text is no JSON value.
    public struct ParsingError: Error, Sendable, CustomStringConvertible {
        /// One sentence for the person who wrote the text.
        public let description: String
    }

    /// Parses JSON text.
    ///
    /// Foundation's parser does the work: it is strict (RFC 8259), bounded in depth and
    /// well kept; requests are small and few beside events.
    ///
    /// - Parameter bytes: UTF-8, exactly one JSON value.
    /// - Throws: ``ParsingError`` when the bytes are no JSON value.
    /// - Complexity: O(number of bytes).
    public init(parsing bytes: some Sequence<UInt8>) throws(ParsingError) {
        do {
            self = try JSONDecoder().decode(Decoded.self, from: Data(bytes)).value
        } catch {
            throw ParsingError(description: "the text is not valid JSON")
        }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private struct Decoded: Decodable {
        let value: JSONValue

        init(from decoder: any Decoder) throws {
            if let container = try? decoder.container(keyedBy: Name.self) {
                value = .object(
                    try container.allKeys.map {
                        Member(
                            name: $0.stringValue,
                            value: try container.decode(Decoded.self, forKey: $0).value
                        )
                    }
                    .sorted { $0.name < $1.name }
                )
                return
            }
            if var container = try? decoder.unkeyedContainer() {
                var values: [JSONValue] = []
                while !container.isAtEnd { values.append(try container.decode(Decoded.self).value) }
                value = .array(values)
                return
            }
            value = try Self.scalar(decoder.singleValueContainer())
        }

        private static func scalar(
            _ container: any SingleValueDecodingContainer
        ) throws -> JSONValue {
            if container.decodeNil() { return .null }
            if let value = try? container.decode(Bool.self) { return .bool(value) }
            if let value = try? container.decode(Int64.self) { return .integer(value) }
            if let value = try? container.decode(Double.self) { return .double(value) }
            return .string(try container.decode(String.self))
        }
    }
}
