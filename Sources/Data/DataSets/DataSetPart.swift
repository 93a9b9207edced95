/// Which part of a data set.
public enum DataSetPart: String, Sendable, CaseIterable {
    /// To train on.
    case train
    /// To test on.
    case test
}
