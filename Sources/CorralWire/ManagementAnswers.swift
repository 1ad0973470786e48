/// What the routes take that steer models: load, unload and pin.
package struct ManagementRequest: Codable, Hashable, Sendable {
    package var model: String?
    package var role: String?
    package var keepAlive: String?
    package var all: Bool?
    package var pinned: Bool?

    package init(
        model: String? = nil,
        role: String? = nil,
        keepAlive: String? = nil,
        all: Bool? = nil,
        pinned: Bool? = nil
    ) {
        self.model = model
        self.role = role
        self.keepAlive = keepAlive
        self.all = all
        self.pinned = pinned
    }
}

/// What `/corral/v1/load` tells once the model can be used.
package struct LoadAnswer: Codable, Hashable, Sendable {
    package var model: String
    package var role: String
    package var state: String
    /// How long it took, in milliseconds.
    package var loadMs: Int

    package init(model: String, role: String, state: String, loadMs: Int) {
        self.model = model
        self.role = role
        self.state = state
        self.loadMs = loadMs
    }
}

/// What `/corral/v1/unload` tells.
package struct UnloadAnswer: Codable, Hashable, Sendable {
    package var unloaded: [NamedModel]

    package init(unloaded: [NamedModel]) { self.unloaded = unloaded }
}

/// What `/corral/v1/pin` tells.
package struct PinAnswer: Codable, Hashable, Sendable {
    package var pinned: Bool
    package var models: [NamedModel]

    package init(pinned: Bool, models: [NamedModel]) {
        self.pinned = pinned
        self.models = models
    }
}

/// What `/corral/v1/hint` takes: the models that will be wanted, the next one first.
package struct HintRequest: Codable, Hashable, Sendable {
    package var models: [String]
    package var role: String?
    package var withinSeconds: Double?

    package init(models: [String], role: String? = nil, withinSeconds: Double? = nil) {
        self.models = models
        self.role = role
        self.withinSeconds = withinSeconds
    }
}

/// What `/corral/v1/hint` tells: what was begun for each model, in the same order.
package struct HintAnswer: Codable, Hashable, Sendable {
    package var models: [Outcome]

    package init(models: [Outcome]) { self.models = models }

    package struct Outcome: Codable, Hashable, Sendable {
        package var model: String
        package var role: String
        package var profile: String?
        /// `resident`, `loading`, `reading`, `pending` or `declined`.
        package var result: String
        package var reason: String?

        package init(_ name: NamedModel, result: String, reason: String? = nil) {
            (model, role, profile) = (name.model, name.role, name.profile)
            self.result = result
            self.reason = reason
        }
    }
}

/// What `/corral/v1/reload` tells: what the configuration changed that was read again.
package struct ReloadAnswer: Codable, Hashable, Sendable {
    /// The settings that count from now on.
    package var changed: [String]
    /// The settings that count only after a restart.
    package var needRestart: [String]
    package var models: Models

    package init(changed: [String], needRestart: [String], models: Models) {
        self.changed = changed
        self.needRestart = needRestart
        self.models = models
    }

    package struct Models: Codable, Hashable, Sendable {
        package var added: [String]
        package var removed: [String]
        package var reloading: [String]
        package var pinned: [String]
        package var unpinned: [String]

        package init(
            added: [String] = [],
            removed: [String] = [],
            reloading: [String] = [],
            pinned: [String] = [],
            unpinned: [String] = []
        ) {
            self.added = added
            self.removed = removed
            self.reloading = reloading
            self.pinned = pinned
            self.unpinned = unpinned
        }
    }
}

/// An error in OpenAI's shape, in which Corral's own routes report theirs.
package struct ErrorAnswer: Codable, Hashable, Sendable {
    package var error: Failure

    package init(error: Failure) { self.error = error }

    package struct Failure: Codable, Hashable, Sendable {
        package var message: String
        package var type: String?
        /// The member of the request at fault.
        @OrNull package var param: String?
        /// What kind of error it is, in snake case.
        @OrNull package var code: String?

        package init(message: String, type: String?, param: String?, code: String?) {
            self.message = message
            self.type = type
            self.param = param
            self.code = code
        }

        /// Reads the sentence, and of the rest what is text: llama-server has numbers for codes.
        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            message = try container.decode(String.self, forKey: .message)
            type = try? container.decode(String.self, forKey: .type)
            param = try? container.decode(String.self, forKey: .param)
            code = try? container.decode(String.self, forKey: .code)
        }
    }
}
