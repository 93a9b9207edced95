import ArgumentParser

/// A value that is chosen by its name, in capitals or not: `--loss Squared-Error`.
///
/// All raw values are in lower case.
protocol NamedArgument: ExpressibleByArgument, RawRepresentable where RawValue == String {}

extension NamedArgument {
    public init?(argument: String) { self.init(rawValue: argument.lowercased()) }
}
