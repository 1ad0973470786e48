import CorralCache
import Logging
import ServiceLifecycle

/// Writes what the cache learns every few minutes, and once more at the end.
struct LearnedStateKeeper<Engine: ModelEngine>: Service {
    let cache: ModelCache<Engine>
    let file: LearnedStateFile
    let logger: Logger

    /// A machine that loses its power forgets no more than this.
    var interval = Duration.seconds(300)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: interval)) != nil { save() }
        }
        // A daemon that could not even start has learned nothing, and another may be running.
        if !Task.isCancelled { save() }
    }

    /// Writes it now; a failure is logged and changes nothing else.
    func save() {
        do {
            try file.write(cache.learned)
        } catch {
            logger.warning(
                "What was learned of the models could not be saved",
                metadata: ["file": "\(file.path)", "error": "\(error)"]
            )
        }
    }
}
