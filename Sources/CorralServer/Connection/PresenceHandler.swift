import NIOCore

/// Watches the bytes of one connection, next to the socket: tells its
/// ``ClientPresence`` when the client leaves, and closes it when the client
/// leaves what it is sent unread for too long.
final class PresenceHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let presence: ClientPresence
    private let stallTimeout: TimeAmount
    private var stall: Scheduled<Void>?

    init(_ presence: ClientPresence, stallTimeout: Duration) {
        self.presence = presence
        self.stallTimeout = TimeAmount(stallTimeout)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { presence.inputEnded() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stop()
    }

    /// The channel stops being writable when more than its high watermark (64 KiB)
    /// waits for the client, and becomes it again below the low one (32 KiB).
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stall?.cancel()
        stall = nil
        if !context.channel.isWritable {
            let channel = context.channel
            stall = context.eventLoop.scheduleTask(in: stallTimeout) {
                channel.close(promise: nil)
            }
        }
        context.fireChannelWritabilityChanged()
    }

    private func stop() {
        stall?.cancel()
        stall = nil
        presence.connectionClosed()
    }
}
