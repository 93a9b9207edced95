internal import LinearAlgebra

/// The windows that a convolution or a pooling looks through: a kernel that moves over an image with padding of zeros.
///
/// Entry `c + C·(x + W·y)` of an example is channel `c` at column `x` and row `y`, so that what a place holds of all
/// channels is one stretch. A sequence is an image of height 1.
package struct ImageWindows: Hashable, Sendable {
    /// Rows and columns, of whatever is counted along both.
    package struct Extent: Hashable, Sendable {
        package let height: Int
        package let width: Int

        package init(height: Int, width: Int) {
            self.height = height
            self.width = width
        }

        package var count: Int { height * width }
    }

    package let channels: Int
    package let image: Extent
    package let kernel: Extent
    package let stride: Extent
    package let padding: Extent
    /// How many windows there are along the height and the width.
    package let places: Extent

    /// `nil` unless all is positive (padding: not negative) and a window fits.
    package init?(channels: Int, image: Extent, kernel: Extent, stride: Extent, padding: Extent) {
        let positive = [channels, image.height, image.width, kernel.height, kernel.width, stride.height, stride.width]
        guard positive.allSatisfy({ $0 > 0 && $0 < 1 << 30 }), (0..<1 << 30).contains(padding.height),
            (0..<1 << 30).contains(padding.width)
        else { return nil }
        let (down, right) = (image.height + 2 * padding.height - kernel.height, image.width + 2 * padding.width - kernel.width)
        guard down >= 0, right >= 0 else { return nil }
        self.channels = channels
        self.image = image
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        places = Extent(height: down / stride.height + 1, width: right / stride.width + 1)
    }

    /// The number of entries of an example.
    package var inputWidth: Int { channels * image.count }

    /// Whether windows show places beside the image.
    var hasPadding: Bool { padding.height > 0 || padding.width > 0 }

    /// Calls `body` with the place, the place in the kernel and the pixel of every pair that is not padding.
    @inline(__always)
    package func forEachPixel(_ body: (_ place: Int, _ offset: Int, _ pixel: Int) -> Void) {
        for row in 0..<places.height {
            for column in 0..<places.width {
                for ky in 0..<kernel.height {
                    let y = row * stride.height + ky - padding.height
                    guard y >= 0, y < image.height else { continue }
                    for kx in 0..<kernel.width {
                        let x = column * stride.width + kx - padding.width
                        guard x >= 0, x < image.width else { continue }
                        body(row * places.width + column, ky * kernel.width + kx, y * image.width + x)
                    }
                }
            }
        }
    }

    /// `patches ←` what the windows show of the channels from `first` on, one column of `height` entries for each place
    /// of each example: entry `c + count·(kx + k_w·ky)`. Entries beyond the kernel are left as they are.
    @inline(__always)
    func gather<S: BLASScalar>(
        _ rates: UnsafePointer<S>, examples: Int, channels first: Int, count: Int, height: Int,
        into patches: UnsafeMutablePointer<S>
    ) {
        for example in 0..<examples {
            let image = rates + example * inputWidth + first
            let target = patches + example * places.count * height
            forEachPixel { place, offset, pixel in
                (target + place * height + offset * count).update(from: image + pixel * channels, count: count)
            }
        }
    }

    /// `rates ← rates +` the sum of what the patches say of each pixel: the transpose of `gather`.
    @inline(__always)
    func scatter<S: BLASScalar>(
        _ patches: UnsafePointer<S>, examples: Int, channels first: Int, count: Int, height: Int,
        into rates: UnsafeMutablePointer<S>
    ) {
        for example in 0..<examples {
            let image = rates + example * inputWidth + first
            let source = patches + example * places.count * height
            forEachPixel { place, offset, pixel in
                let (target, patch) = (image + pixel * channels, source + place * height + offset * count)
                for c in 0..<count { target[c] += patch[c] }
            }
        }
    }
}
