import ArgumentParser
import TrainingStudies

/// What is changed in a data set before a study trains on it, each to see what hangs on it alone.
struct VariationOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Multiply all inputs by this. (default: 1)", valueName: "factor"))
    var inputScale: Double?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Deal the labels of this share of the training examples out among them at random. (default: 0)",
            valueName: "share"))
    var labelNoise: Double?

    @Option(
        name: .long,
        help: ArgumentHelp("Only examples of the first so many classes. (default: all)", valueName: "count"))
    var classes: Int?

    func validate() throws {
        try Bounds.checkPositive("--input-scale", inputScale)
        if let labelNoise, !(0...1).contains(labelNoise) {
            throw ValidationError("--label-noise is a share, from 0 to 1.")
        }
        // All data sets have ten.
        try Bounds.check("--classes", classes, in: 1...10)
    }

    var variation: ExampleVariation {
        ExampleVariation(inputScale: inputScale ?? 1, labelNoise: labelNoise ?? 0, classes: classes) ?? .none
    }
}
