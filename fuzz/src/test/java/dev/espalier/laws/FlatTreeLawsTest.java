package dev.espalier.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.merkle.FlatTree;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

/** Laws of the numbering of nodes, up to the largest index that can travel: 2^53-1. */
class FlatTreeLawsTest {

    private static final long MAX_INDEX = (1L << 53) - 1;
    private static final long MAX_LENGTH = 1L << 52;

    @Property
    void depthAndOffsetNameTheNode(@ForAll @LongRange(max = MAX_INDEX) long index) {
        assertThat(FlatTree.index(FlatTree.depth(index), FlatTree.offset(index)))
                .isEqualTo(index);
    }

    @Property
    void parentAndChildrenAreInverse(@ForAll @LongRange(max = MAX_INDEX) long index) {
        long parent = FlatTree.parent(index);
        assertThat(FlatTree.depth(parent)).isEqualTo(FlatTree.depth(index) + 1);
        assertThat(FlatTree.isLeft(index) ? FlatTree.leftChild(parent) : FlatTree.rightChild(parent))
                .isEqualTo(index);
        assertThat(FlatTree.parent(FlatTree.sibling(index))).isEqualTo(parent);
        assertThat(FlatTree.sibling(FlatTree.sibling(index))).isEqualTo(index);
        assertThat(FlatTree.isLeft(FlatTree.sibling(index))).isNotEqualTo(FlatTree.isLeft(index));
    }

    @Property
    void aParentSpansItsChildrenAndNothingElse(@ForAll @LongRange(max = MAX_INDEX) long index) {
        long parent = FlatTree.parent(index);
        long left = FlatTree.leftChild(parent);
        long right = FlatTree.rightChild(parent);
        assertThat(FlatTree.leftSpan(parent)).isEqualTo(FlatTree.leftSpan(left));
        assertThat(FlatTree.rightSpan(parent)).isEqualTo(FlatTree.rightSpan(right));
        assertThat(FlatTree.endBlock(left)).isEqualTo(FlatTree.firstBlock(right));
        assertThat(FlatTree.leafCount(parent)).isEqualTo(2 * FlatTree.leafCount(index));
        assertThat(FlatTree.endBlock(index) - FlatTree.firstBlock(index)).isEqualTo(FlatTree.leafCount(index));
    }

    @Property
    void spansAreNestedOrApart(
            @ForAll @LongRange(max = MAX_INDEX) long one, @ForAll @LongRange(max = MAX_INDEX) long other) {
        boolean overlap = FlatTree.leftSpan(one) <= FlatTree.rightSpan(other)
                && FlatTree.leftSpan(other) <= FlatTree.rightSpan(one);
        boolean nested = FlatTree.isAncestorOrSelf(one, other) || FlatTree.isAncestorOrSelf(other, one);
        assertThat(nested).isEqualTo(overlap);
        assertThat(FlatTree.covers(one, other)).isEqualTo(FlatTree.isAncestorOrSelf(one, other));
    }

    @Property
    void rootsFillTheLengthFromLeftToRightWithFallingSize(@ForAll @LongRange(max = MAX_LENGTH) long length) {
        long[] roots = FlatTree.roots(length);
        long end = 0;
        long smaller = Long.MAX_VALUE;
        for (long root : roots) {
            assertThat(FlatTree.firstBlock(root)).isEqualTo(end);
            assertThat(FlatTree.leafCount(root)).isLessThan(smaller);
            smaller = FlatTree.leafCount(root);
            end = FlatTree.endBlock(root);
        }
        assertThat(end).isEqualTo(length);
        assertThat(roots).hasSize(FlatTree.rootCount(length));
    }
}
