import HTTPTypes
import Hummingbird
import NIOCore

/// The page a browser sees at `/`: one document with its style and its scripts in it,
/// put together once from the files in `Page`, which are part of the program.
enum DashboardPage {
    /// Answers with the page.
    ///
    /// - Parameter generator: Where the number comes from that allows the page's own
    ///   script and style to run, and nothing else that may ever get into it.
    /// - Returns: The page, which no other site may put into a frame.
    static func response(using generator: inout some RandomNumberGenerator) -> Response {
        let nonce = (0..<2).map { _ in
            String(UInt64.random(in: .min ... .max, using: &generator), radix: 36)
        }.joined()
        let page = pieces.joined(separator: nonce)
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8",
                .cacheControl: "no-store",
                .vary: "Accept",
                .contentSecurityPolicy: policy(nonce),
                .xContentTypeOptions: "nosniff",
                .referrerPolicy: "no-referrer",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: page))
        )
    }

    /// Nothing from elsewhere, nothing that is not in the page, no frame around it.
    private static func policy(_ nonce: String) -> String {
        """
        default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; \
        connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
        frame-ancestors 'none'
        """
    }

    /// The page, cut at the places of the nonce.
    private static let pieces: [String] = {
        let scripts = [
            PackageResources.text_js, PackageResources.feed_js, PackageResources.memory_js,
            PackageResources.models_js, PackageResources.timeline_js, PackageResources.app_js,
        ]
        let page = text(PackageResources.page_html)
            .replacing("{{style}}", with: text(PackageResources.style_css))
            .replacing("{{script}}", with: scripts.map(text).joined(separator: "\n"))
        return page.split(separator: "{{nonce}}", omittingEmptySubsequences: false)
            .map(String.init)
    }()

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
