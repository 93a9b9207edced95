/// The 1,797 handwritten digits of 8×8 pixels that scikit-learn calls `digits`: a data set that
/// travels with this package and needs no installation.
///
/// They are the test set of *Optical Recognition of Handwritten Digits* by E. Alpaydin and C.
/// Kaynak (UCI Machine Learning Repository, 1998), under CC BY 4.0;
/// `Resources/digits/ATTRIBUTION.md` tells what was changed (the container, no value).
///
/// The two gzipped IDX files, 43 kB, are compiled into the module. So there is no resource bundle
/// that could be lost: a binary that is copied or installed elsewhere still has its digits.
public enum Digits {
    /// The attribution that the licence asks for, as `LabeledExamples.source` gives it.
    public static let source =
        "Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine "
        + "Learning Repository (1998), doi:10.24432/C50P49, CC BY 4.0"

    /// The examples: `width` 64, pixels scaled from 0…16 to [0, 1], ten classes, the label being
    /// the digit itself.
    ///
    /// - Throws: `DataSetError.selection` if more than 1,797 are asked for. (A damaged resource
    ///   would be reported as `idx`.)
    public static func load(
        _ selection: ExampleSelection = .all
    ) throws(DataSetError) -> LabeledExamples {
        let images: IDXFile
        let labels: IDXFile
        do throws(IDXError) {
            images = try IDXFile(
                bytes: PackageResources.digits_images_idx3_ubyte_gz,
                name: "digits-images-idx3-ubyte.gz (in the program)")
            labels = try IDXFile(
                bytes: PackageResources.digits_labels_idx1_ubyte_gz,
                name: "digits-labels-idx1-ubyte.gz (in the program)")
        } catch {
            throw .idx(error)
        }
        return try LabeledExamples(
            images: images, labels: labels, selection: selection, name: "digits",
            source: source, classCount: 10, greatestPixel: 16)
    }
}
