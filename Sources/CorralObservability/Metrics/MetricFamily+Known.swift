/// Every metric there is. docs/observability.md has the same table, and a test
/// compares the two.
extension MetricFamily {
    private static let model = ["model", "role"]

    // MARK: What is in memory

    static let models = Self(
        "corral_models",
        .gauge,
        ["state"],
        "Models in each state, of those that were ever asked for."
    )
    static let resident = Self(
        "corral_model_resident",
        .gauge,
        model,
        "1 while the model can be used without a load."
    )
    static let leases = Self(
        "corral_model_leases",
        .gauge,
        model,
        "Answers under way, for which the model is kept."
    )
    static let pinned = Self(
        "corral_model_pinned",
        .gauge,
        model,
        "1 while the model is pinned."
    )
    static let budget = Self(
        "corral_memory_budget_bytes",
        .gauge,
        ["domain"],
        "What models may hold together."
    )
    static let limit = Self(
        "corral_memory_limit_bytes",
        .gauge,
        ["domain"],
        "The budget, further bounded by what the machine can spare now."
    )
    static let reserved = Self(
        "corral_memory_reserved_bytes",
        .gauge,
        ["domain"],
        "What is reserved for models, shared weights counted once."
    )
    static let modelPlanned = Self(
        "corral_model_planned_bytes",
        .gauge,
        model + ["domain"],
        "What was planned for the model, in memory now."
    )
    static let modelReserved = Self(
        "corral_model_reserved_bytes",
        .gauge,
        model + ["domain"],
        "What is reserved for the model: its plan, or what it was found to hold."
    )
    static let modelMeasured = Self(
        "corral_model_measured_bytes",
        .gauge,
        model + ["domain"],
        "What the model was last found to hold, pages of its file included."
    )
    static let planError = Self(
        "corral_plan_error_ratio",
        .gauge,
        model,
        "Measured bytes over planned bytes, minus one: above 0 the plan was too small."
    )

    // MARK: What the cache did

    static let hits = Self(
        "corral_hits_total",
        .counter,
        model,
        "Leases granted at once, because the model was in memory."
    )
    static let leasesGranted = Self(
        "corral_leases_total",
        .counter,
        model,
        "Leases granted."
    )
    static let loads = Self(
        "corral_loads_total",
        .counter,
        model,
        "Loads that ended well."
    )
    static let loadFailures = Self(
        "corral_load_failures_total",
        .counter,
        model,
        "Loads that failed."
    )
    static let loadSeconds = Self(
        "corral_load_seconds",
        .histogram,
        model,
        "How long loads that ended well took."
    )
    static let evictions = Self(
        "corral_evictions_total",
        .counter,
        model + ["reason"],
        "Times a model left memory: for space, under pressure, idle, by request, for more context, at shutdown."
    )
    static let exits = Self(
        "corral_exits_total",
        .counter,
        model,
        "Times a model ended without being asked to."
    )
    static let prefetches = Self(
        "corral_prefetches_total",
        .counter,
        model,
        "Loads begun before anybody asked."
    )
    static let prefetchesUsed = Self(
        "corral_prefetches_used_total",
        .counter,
        model,
        "Of those, the ones whose model was then asked for."
    )
    static let loadingShare = Self(
        "corral_loading_ratio",
        .gauge,
        [],
        "The share of the last minutes in which something was loaded for a request."
    )
    static let reloadingShare = Self(
        "corral_reloading_ratio",
        .gauge,
        [],
        "The share in which it was a model that had been evicted just before."
    )
    static let oversubscribed = Self(
        "corral_oversubscribed",
        .gauge,
        [],
        "1 while most of the time goes into bringing back what was just evicted."
    )
    static let queueDepth = Self(
        "corral_queue_depth",
        .gauge,
        [],
        "Requests that wait for a model."
    )
    static let batchDepth = Self(
        "corral_queue_batch_depth",
        .gauge,
        [],
        "Of the requests that wait, those of batch priority."
    )
    static let queueSeconds = Self(
        "corral_queue_wait_seconds",
        .histogram,
        ["role"],
        "How long requests waited that were not hits and got their model."
    )
    static let leaseSeconds = Self(
        "corral_lease_seconds",
        .histogram,
        model,
        "How long models were lent."
    )
    static let cacheRefusals = Self(
        "corral_cache_refusals_total",
        .counter,
        ["role", "code"],
        "Requests that the cache refused, or whose client gave up waiting (cancelled)."
    )
    static let policy = Self(
        "corral_policy_info",
        .gauge,
        ["policy"],
        "1, with the name of the eviction policy."
    )

    // MARK: What clients got

    static let requests = Self(
        "corral_http_requests_total",
        .counter,
        ["route", "code"],
        "Requests by route and status of the answer."
    )
    static let refusals = Self(
        "corral_refusals_total",
        .counter,
        ["code"],
        "Errors clients were told of, by the code in the answer."
    )
    static let answers = Self(
        "corral_answers_total",
        .counter,
        model + ["outcome"],
        "Answers of models that ended: complete, failed, or abandoned by the client."
    )
    static let answerSeconds = Self(
        "corral_answer_seconds",
        .histogram,
        model,
        "From a request's head to the end of a complete answer, waiting included."
    )
    static let firstToken = Self(
        "corral_time_to_first_token_seconds",
        .histogram,
        model,
        "From a request's head to the first event of a streamed answer, waiting included."
    )
    static let streamChunks = Self(
        "corral_stream_chunks_total",
        .counter,
        model,
        "Chunks of streamed answers passed on; a chunk holds one event or more."
    )
    static let promptTokens = Self(
        "corral_prompt_tokens_total",
        .counter,
        model,
        "Prompt tokens of answers whose end told them, those found in the KV cache included."
    )
    static let cachedTokens = Self(
        "corral_cached_prompt_tokens_total",
        .counter,
        model,
        "Prompt tokens that were found in the model's KV cache."
    )
    static let generatedTokens = Self(
        "corral_generated_tokens_total",
        .counter,
        model,
        "Tokens generated in answers whose end told them."
    )
    static let tokenRate = Self(
        "corral_tokens_per_second",
        .histogram,
        model,
        "The rate at which answers were generated, as the model itself reports it."
    )

    // MARK: The daemon

    static let listeners = Self(
        "corral_event_listeners",
        .gauge,
        [],
        "Connections that listen to events or to the dashboard's feed."
    )
    static let uptime = Self(
        "corral_uptime_seconds",
        .gauge,
        [],
        "The time since the daemon began."
    )
    static let build = Self(
        "corral_build_info",
        .gauge,
        ["version"],
        "1, with the version of the daemon."
    )
    static let processMemory = Self(
        "process_resident_memory_bytes",
        .gauge,
        [],
        "Resident memory of the daemon itself, models not included."
    )

    /// All of them, in the order they are written in.
    static let all = [
        models, resident, leases, pinned, budget, limit, reserved, modelPlanned, modelReserved,
        modelMeasured, planError, hits, leasesGranted, loads, loadFailures, loadSeconds, evictions,
        exits, prefetches, prefetchesUsed, loadingShare, reloadingShare, oversubscribed, queueDepth,
        batchDepth, queueSeconds, leaseSeconds, cacheRefusals, policy, requests, refusals,
        answers, answerSeconds, firstToken, streamChunks, promptTokens, cachedTokens,
        generatedTokens, tokenRate, listeners, uptime, build, processMemory,
    ]
}
