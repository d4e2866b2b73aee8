internal import Access
internal import Core
internal import Foundation
internal import JSON
internal import Reports
internal import Store

/// The methods about reports: what is asked of the desk, and what it says.
extension QueryService {
    func reports(
        _ method: ReportMethod,
        _ parameters: JSONValue?,
        _ admission: Admission
    ) throws(RPCError) -> JSONValue {
        let principal = admission.caller?.principal ?? .anybody
        switch method {
        case .create: return try createReport(parameters, admission, principal)
        case .get:
            let inquiry: ReportInquiry
            do throws(ParameterError) { inquiry = try ReportInquiry(parameters) } catch {
                throw .invalidParameter(error)
            }
            return try report(inquiry, principal)
        case .list:
            let listing: ReportListing
            do throws(ParameterError) { listing = try ReportListing(parameters) } catch {
                throw .invalidParameter(error)
            }
            return listing.answer(reports.list(limit: principal.bots))
        case .delete:
            try admission.call.refuseParameters(except: ["id"])
            let id: UUID128
            do throws(ParameterError) { id = try ReportInquiry.id(parameters) } catch {
                throw .invalidParameter(error)
            }
            _ = try record(id, principal)
            do throws(StoreError) { try reports.delete(id) } catch {
                throw .unavailable(error.description)
            }
            return ["id": .string("\(id)"), "deleted": true]
        }
    }

    // MARK: - Making

    private func createReport(
        _ parameters: JSONValue?,
        _ admission: Admission,
        _ principal: Principal
    ) throws(RPCError) -> JSONValue {
        let request: ReportRequest
        let key: String?
        // The key is about the request, not about the report.
        let members = (parameters?.objectValue ?? []).sorted { $0.name < $1.name }
        let asked = JSONValue.object(members.filter { $0.name != "idempotency_key" })
        do throws(ParameterError) {
            request = try ReportRequest(
                asked,
                now: state.present,
                defaultZone: defaultZone,
                zones: zones,
                bots: principal.bots
            )
            key = try ReportInquiry.idempotencyKey(parameters)
        } catch {
            throw .invalidParameter(error)
        }
        if let bot = request.bot, !principal.maySee(bot) {
            audit(admission.call, principal.origin, .botAccessDenied)
            throw .refused(.botAccessDenied)
        }
        let record = ReportRecord(
            id: UUID128.random(),
            type: request.type,
            format: request.format,
            title: request.title,
            asked: asked,
            params: request.resolved,
            asOf: state.present,
            zone: defaultZone,
            bots: request.bots,
            createdAt: clock.now,
            createdBy: Self.name(of: principal.origin),
            idempotencyKey: key
        )
        do throws(ReportDesk.Refusal) {
            let object = try reports.create(record)
            // So that a thread that has nothing to do need not ask for it.
            reports.offer(state.ground)
            return object
        } catch {
            switch error {
            case .busy:
                throw .unavailable(
                    "\(Limits.reportsWaitingMaximum) reports wait to be made; ask again later"
                )
            case .keyTaken:
                throw .invalidParameter(
                    ParameterError(
                        parameter: "idempotency_key",
                        message: "idempotency_key was used for a report with other parameters"
                    )
                )
            case .storage(let error): throw .unavailable(error.description)
            }
        }
    }

    // MARK: - Reading

    /// A report's record and object, where this caller may see it and it is there.
    private func record(
        _ id: UUID128,
        _ principal: Principal
    ) throws(RPCError) -> (record: ReportRecord, object: JSONValue) {
        guard let found = reports.find(id, limit: principal.bots) else {
            throw .notFound("there is no report \(id)")
        }
        guard found.record.status != .expired else { throw Self.expired(id) }
        return found
    }

    private static func expired(_ id: UUID128) -> RPCError {
        .missingReport(token: "report_expired", "report \(id) has expired; make it again")
    }

    private func report(
        _ inquiry: ReportInquiry,
        _ principal: Principal
    ) throws(RPCError) -> JSONValue {
        let (record, object) = try record(inquiry.id, principal)
        var members = object.objectValue ?? []
        if inquiry.isDownload {
            let bytes = try piece(of: record, inquiry)
            members.append(
                JSONValue.Member(name: "offset", value: .integer(Int64(inquiry.offset)))
            )
            members.append(JSONValue.Member(name: "length", value: .integer(Int64(bytes.count))))
            members.append(
                JSONValue.Member(name: "content", value: .string(Data(bytes).base64EncodedString()))
            )
        } else {
            members.append(JSONValue.Member(name: "data", value: try figures(of: record)))
        }
        return .object(members)
    }

    /// A part of a completed report's bytes.
    private func piece(
        of record: ReportRecord,
        _ inquiry: ReportInquiry
    ) throws(RPCError) -> [UInt8] {
        guard record.status == .completed else {
            let reason = record.failure.map { " (\($0))" } ?? ""
            throw .missingReport(
                token: "report_not_ready",
                "report \(record.id) is \(record.status.rawValue)\(reason); only a completed one "
                    + "can be downloaded"
            )
        }
        let range = inquiry.offset..<inquiry.offset + inquiry.length
        let bytes: [UInt8]?
        do throws(StoreError) {
            bytes = try reports.file(of: record.id, range)
        } catch {
            throw .unavailable(error.description)
        }
        guard let bytes else { throw Self.expired(record.id) }
        return bytes
    }

    /// The figures of a report; null before it is completed.
    private func figures(of record: ReportRecord) throws(RPCError) -> JSONValue {
        guard record.status == .completed else { return .null }
        let text: [UInt8]?
        do throws(StoreError) {
            text = try reports.data(of: record.id)
        } catch {
            throw .unavailable(error.description)
        }
        guard let text, let data = try? JSONValue(parsing: text) else {
            throw Self.expired(record.id)
        }
        return data
    }
}
