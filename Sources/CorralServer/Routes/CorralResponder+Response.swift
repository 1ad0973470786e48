import CorralDialects
import CorralJSON
import HTTPTypes
import Hummingbird
import NIOCore

/// Bodies and headers of answers that the server makes itself.
extension CorralResponder {
    static func json(
        _ value: JSONValue,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = HTTPFields()
    ) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(
            status: status,
            headers: headers,
            body: ResponseBody(byteBuffer: value.buffer)
        )
    }

    static func json(encoding answer: some Encodable) -> Response {
        json(JSONValue(encoding: answer))
    }

    static func response(
        of error: RequestError,
        _ dialect: Dialect,
        _ requestID: String
    ) -> Response {
        var headers = HTTPFields()
        if let seconds = error.retryAfter { headers[.retryAfter] = "\(seconds)" }
        if !error.allowed.isEmpty { headers[.allow] = allow(error.allowed) }
        if error.code == .wrongKey { headers[.wwwAuthenticate] = "Bearer" }
        if error.code == .insufficientScope {
            headers[.wwwAuthenticate] = "Bearer error=\"insufficient_scope\""
        }
        return json(
            dialect.body(of: error, requestID: requestID),
            status: error.code.status,
            headers: headers
        )
    }

    /// Keeps a place taken until the body of the response has been sent or given up.
    static func hold(_ slot: RequestSlots.Slot, until response: inout Response) {
        let body = response.body
        response.body = ResponseBody(contentLength: body.contentLength) { writer in
            try await body.write(writer)
            withExtendedLifetime(slot) {}
        }
    }

    /// Says which methods there are; the grant to other origins is added to every
    /// answer that is due one.
    static func options(_ entry: RouteTable.Entry, _ info: RequestInfo) -> Response {
        var headers: HTTPFields = [.allow: allow(entry.allowed)]
        if info.origin != nil, info.request.headers[.accessControlRequestMethod] != nil {
            headers[.accessControlAllowMethods] = allow(entry.allowed)
            headers[.accessControlAllowHeaders] =
                info.request.headers[.accessControlRequestHeaders] ?? "*"
            headers[.accessControlMaxAge] = "600"
        }
        return Response(status: .noContent, headers: headers)
    }

    static func grant(_ response: inout Response, to origin: String) {
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlExposeHeaders] = "*"
        response.headers[.vary] = "Origin"
    }

    private static func allow(_ methods: [HTTPRequest.Method]) -> String {
        methods.map(\.rawValue).joined(separator: ", ")
    }
}
