# Groups words that have the same letters.
use strict;
use warnings;

my @words = qw(listen silent enlist bee ruche chuer google banana niche chien);

my %groups;
for my $word (@words) {
    my $letters = join '', sort split //, $word;
    push @{ $groups{$letters} }, $word;
}

for my $letters (sort keys %groups) {
    my @group = @{ $groups{$letters} };
    print join(', ', @group), "\n" if @group > 1;
}
