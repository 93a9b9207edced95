import ArgumentParser

/// Options that mean nothing for a case whose network is a graph.
enum GraphRefusals {
    /// - Parameter options: the name of each and whether it was given.
    /// - Throws: `ValidationError` naming the first that was given.
    static func check(_ options: [(name: String, isGiven: Bool)]) throws {
        guard let option = options.first(where: \.isGiven) else { return }
        throw ValidationError(
            "\(option.name): the case is a graph (its metadata has \"network\"), for which this is not there; leave it out.")
    }
}

extension SolverArgument {
    /// Graphs are solved over their parameters, without a matrix of their size.
    var suitsGraphs: Bool { self == .automatic || self == .weightSpaceMatrixFree }
}
