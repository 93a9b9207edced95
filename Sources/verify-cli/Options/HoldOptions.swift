import ArgumentParser
import Networks

/// Which parameters stay where they are; the same in every command.
struct HoldOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Parameters that do not move, in exact updates, rules and training: biases, weights, layers.N, layers.N.weight, "
                + "layers.N.bias, separated by commas; N counts from 0 at the inputs.",
            valueName: "groups"),
        transform: { argument in
            do {
                return try HeldParameters(names: argument.lowercased())
            } catch {
                throw ValidationError("\(error).")
            }
        })
    var hold: HeldParameters = .none
}
