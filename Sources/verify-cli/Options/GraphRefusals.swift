import ArgumentParser
import LearningRules

/// Options that mean nothing for a case whose network is a graph.
enum GraphRefusals {
    /// - Parameter options: the name of each and whether it was given.
    /// - Parameter reason: why the network is a graph.
    /// - Throws: `ValidationError` naming the first that was given.
    static func check(
        _ options: [(name: String, isGiven: Bool)],
        because reason: String = "the case is a graph (its metadata has \"network\")"
    ) throws {
        guard let option = options.first(where: \.isGiven) else { return }
        throw ValidationError("\(option.name): \(reason), for which this is not there; leave it out.")
    }

    /// - Throws: `ValidationError` naming a constant that none of the rules takes on graphs.
    static func check(
        _ constants: RuleSettings, of rules: [any GraphRule],
        because reason: String = "the case is a graph (its metadata has \"network\")"
    ) throws {
        let taken = rules.reduce(into: Set()) { $0.formUnion($1.settings) }
        try check(constants.chosen.filter { !taken.contains($0) }.map { ("--\($0.rawValue)", true) }, because: reason)
    }
}

extension SolverArgument {
    /// Graphs are solved over their parameters, without a matrix of their size.
    var suitsGraphs: Bool { self == .automatic || self == .weightSpaceMatrixFree }
}
