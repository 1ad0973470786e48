internal import CorralGGUF

/// One model's file, or the parts of a split one, before anything is opened.
struct FoundFile: Hashable, Sendable {
    /// The path of the file, or of the first part.
    var path: String

    /// The folder of the search it was found under.
    var root: String

    /// The kind of store it was found in.
    var store = ModelStore.Kind.folder

    /// Which files the parts are, the first part first.
    var identities: [GGUFFileIdentity]

    /// The path names are made of: the real one, or where a store hides that behind digests, one
    /// as its users know it, under ``root``.
    var label: String

    /// The names the store itself gives, the shortest first; empty where they follow from
    /// ``label``.
    var names: [String] = []

    /// Further names it answers to.
    var aliases: [String] = []

    /// The folder, as in ``label``, of what belongs together: a projector in it or between it and
    /// the file may be the file's.
    var scope: String

    /// The path of the projector the store names for it.
    var projector: String?

    /// Whether the store says that it is a projector.
    var isProjector = false

    /// The settings that its store brings along.
    var defaults = ModelOverrides()

    /// The defaults that go with single names of the model; the keys are in lower case.
    var nameDefaults: [String: NameDefaults] = [:]

    /// Other places the same file was found at.
    var places: [ModelPlace] = []
}

/// One of several places a model's file can be reached at.
package struct ModelPlace: Hashable, Sendable {
    /// The kind of store.
    package var store: ModelStore.Kind

    /// The path there.
    package var path: String
}
