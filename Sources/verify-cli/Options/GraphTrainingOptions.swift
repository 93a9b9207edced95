import ArgumentParser
import CaseFiles
import Files
import Graphs
import LearningRules
import Networks
import Training
import TrainingStudies

/// The network that is trained, where it is a graph and not the chain of --sizes.
struct GraphTrainingOptions: ParsableArguments {
    @Option(
        name: .customLong("network"),
        help: ArgumentHelp(
            "Train a graph: paper-cnn, the paper's convolutional network, or a file that describes one (docs/how-to/describe-a-graph.md).",
            discussion: "Images are padded to its input. Trained in double precision.", valueName: "paper-cnn|file"))
    var network: String?

    private static let paperNetwork = "paper-cnn"

    /// The graph; `nil` for a chain.
    ///
    /// - Throws: `CaseFileError` for a file that is none, `ValidationError` for an option that means nothing for graphs.
    func graph(
        _ options: TrainingOptions, _ experiment: PublishedExperiment?, loss: Loss
    ) throws -> GraphArchitecture? {
        guard let name = network ?? (experiment?.isConvolutional == true ? Self.paperNetwork : nil) else { return nil }
        let isNamed = name == Self.paperNetwork
        try GraphRefusals.check(
            [
                ("--sizes", options.network.sizes != nil), ("--no-bias", !options.network.bias),
                ("--hold", !options.holdOptions.hold.isEmpty), ("--precision single", options.chosenPrecision == .single),
                ("--activation", !isNamed && options.network.chosenActivation != nil),
            ], because: "--network is a graph")
        if isNamed { return try .paperNetwork(options.network.activation) }
        guard RegularFile.isThere(name) else {
            throw ValidationError("--network \(name): expected \(Self.paperNetwork) or a file that describes a graph.")
        }
        let file = try GraphDescriptionFile(path: name)
        if let described = file.loss, described != loss {
            throw ValidationError("--network \(name): its loss is \(described.name), and this command trains with \(loss.name).")
        }
        return file.architecture
    }
}

extension [TrainingRule] {
    /// - Throws: `ValidationError` naming a rule that the network has not.
    func check(for graph: GraphArchitecture?) throws {
        if graph == nil {
            guard let rule = first(where: { !$0.entry.isOfChains }) else { return }
            throw ValidationError("there is no rule '\(rule.entry.name)' for chains; it is for graphs: --network.")
        }
        if let rule = first(where: { !$0.entry.isOfGraphs }) {
            let known = GraphRules.all.map(\.name).joined(separator: ", ")
            throw ValidationError("there is no rule '\(rule.entry.name)' for graphs; expected some of \(known).")
        }
        if let rule = first(where: { $0.optimizer == .mq }) {
            throw ValidationError("\(rule.name): graphs are trained by a rule's own update or with Adam.")
        }
    }
}
