(** * Bounded weights accumulate, and minimisers exist

    Over a complete field and with the law of excluded middle, both as premises: nested nonempty bounded
    sets of weights have a common accumulation point, so the proximal objective of a continuous loss that is
    not negative has a minimiser for every learning rate. *)

From Proofs Require Import Preamble Matrices Network Calculus Backpropagation Completeness.

Definition excluded_middle : Prop := forall P : Prop, P \/ ~ P.

Section Accumulation.
Variable R : realFieldType.
Hypothesis cR : complete R.
Hypothesis em : excluded_middle.

(* A complete field is archimedean. *)
Lemma archimedean (A : R) : exists k : nat, A <= k%:R.
Proof.
case: (em (exists k : nat, A <= k%:R)) => // no; exfalso.
have below (k : nat) : k%:R < A by rewrite ltNge; apply/negP => h; apply: no; exists k.
have [||s [ub lub]] := cR (S := fun x => exists k : nat, x = k%:R).
- by exists 0, 0%N.
- by exists A => x [k ->]; apply: ltW.
have : s <= s - 1.
  by apply: lub => x [k ->]; rewrite ler_subr_addr -[1]/(1%:R) -natrD; apply: ub; exists (k + 1)%N.
by rewrite ler_addl oppr_ge0 leNgt ltr01.
Qed.

Lemma archimedean_inv (e : R) : 0 < e -> exists k : nat, k.+1%:R^-1 <= e.
Proof.
move=> e0; have [k hk] := archimedean e^-1; exists k.
rewrite -[e]invrK lef_pinv ?posrE ?invr_gt0 ?ltr0n //; apply: le_trans hk _.
by rewrite ler_nat.
Qed.

(* Coordinate after coordinate: the largest value that is reached again and again. *)
Variables (T : Type) (K : eqType) (x : T -> K -> R) (Q : nat -> T -> Prop).
Hypothesis nested : forall k v, Q k.+1 v -> Q k v.
Hypothesis inhabited : forall k, exists v, Q k v.

Let nestedn k m v : (k <= m)%N -> Q m v -> Q k v.
Proof.
by move=> /subnK <-; elim: (m - k)%N => // i IH; rewrite addSn => /nested.
Qed.

Lemma accumulate (s : seq K) (C : R) : uniq s ->
  (forall v i, i \in s -> Q 0 v -> - C <= x v i <= C) ->
  exists c : K -> R, forall k e, 0 < e ->
    exists2 v, Q k v & forall i, i \in s -> `|x v i - c i| <= e.
Proof.
elim: s => [_ _|i s IH /= /andP[si us] bnd].
  by exists (fun=> 0) => k e _; have [v qv] := inhabited k; exists v.
have [|c hc] := IH us; first by move=> v j js; apply: bnd; rewrite inE js orbT.
pose near_c k e v := Q k v /\ forall j, j \in s -> `|x v j - c j| <= e.
pose S a := forall k e, 0 < e -> exists2 v, near_c k e v & a <= x v i.
have bi v : Q 0 v -> - C <= x v i <= C by apply: bnd; rewrite inE eqxx.
have [||a [ub lub]] := cR (S := S).
- exists (- C) => k e e0; have [v qv hv] := hc k e e0; exists v => //.
  by have /andP[] := bi v (nestedn (leq0n k) qv).
- exists C => b /(_ 0%N 1 ltr01)[v [qv _] bx]; apply: le_trans bx _.
  by have /andP[] := bi v qv.
exists (fun j => if j == i then a else c j) => k e e0.
have [k0 [e1 [e10 up]]] : exists k0 e1, 0 < e1 /\ forall v, near_c k0 e1 v -> x v i < a + e.
  case: (em (exists k0 e1, 0 < e1 /\ forall v, near_c k0 e1 v -> x v i < a + e)) => // no; exfalso.
  suff /ub : S (a + e) by rewrite ger_addl leNgt e0.
  move=> k0 e1 e10; case: (em (exists2 v, near_c k0 e1 v & a + e <= x v i)) => // no2; exfalso.
  apply: no; exists k0, e1; split=> // v nv; rewrite ltNge; apply/negP => h.
  by apply: no2; exists v.
have [b Sb ab] : exists2 b, S b & a - e < b.
  case: (em (exists2 b, S b & a - e < b)) => // no; exfalso.
  have : a <= a - e.
    by apply: lub => b Sb; rewrite leNgt; apply/negP => h; apply: no; exists b.
  by rewrite ler_addl oppr_ge0 leNgt e0.
have m0 : 0 < Num.min e e1 by rewrite lt_minr e0.
have [v [qv hv] bx] := Sb (maxn k k0) (Num.min e e1) m0.
exists v => [|j]; first exact: nestedn (leq_maxl _ _) qv.
rewrite inE; case: eqP => [-> _|_ /= js]; last first.
  by apply: le_trans (hv j js) _; rewrite le_minl lexx.
have lt : x v i < a + e.
  apply: up; split=> [|j' js']; first exact: nestedn (leq_maxr _ _) qv.
  by apply: le_trans (hv j' js') _; rewrite le_minl lexx orbT.
rewrite ler_norml ler_subr_addr ler_subl_addr [e + a]addrC (ltW lt) andbT addrC.
exact: le_trans (ltW ab) bx.
Qed.

End Accumulation.

Section Weights.
Variables (R : realFieldType) (B : nat) (net : network R B).
Hypothesis cR : complete R.
Hypothesis em : excluded_middle.
Implicit Types U V W Wb : weights net.

(* An entry by its indices, and the list of all indices. *)
Let entry V (p : nat * nat * nat) : R :=
  let: (n, i, j) := p in
  match insub i, insub j with Some i', Some j' => V n i' j' | _, _ => 0 end.
Let indices : seq (nat * nat * nat) :=
  undup [seq (n, p.1, p.2) | n <- iota 0 (depth net),
    p <- [seq (i, j) | i <- iota 0 (units net n.+1), j <- iota 0 (rates net n)]].

Let entryE V n (i : 'I_(units net n.+1)) (j : 'I_(rates net n)) :
  entry V (n, val i, val j) = V n i j.
Proof. by rewrite /entry !valK. Qed.

Let indicesP n (i : 'I_(units net n.+1)) (j : 'I_(rates net n)) :
  (n < depth net)%N -> (n, val i, val j) \in indices.
Proof.
move=> ln; rewrite mem_undup; apply/allpairsPdep; exists n, (val i, val j).
rewrite mem_iota ln; split=> //; apply/allpairsP; exists (val i, val j).
by rewrite !mem_iota /= !ltn_ord.
Qed.

(* An entry is at most the norm, and small entries make a small norm. *)
Let entry_le V p : p \in indices -> entry V p ^+ 2 <= wsq V.
Proof.
rewrite mem_undup => /allpairsPdep[n [[i j] [+ /allpairsP[[i' j'] [/= + + [-> ->]]] ->]]] /=.
rewrite !mem_iota !add0n /= => ln li lj.
rewrite -[i']/(val (Ordinal li)) -[j']/(val (Ordinal lj)) !valK.
apply: le_trans (_ : nsq (V n) <= _).
  rewrite nsqE (bigD1 (Ordinal li)) //= (bigD1 (Ordinal lj)) //= -addrA ler_addl.
  rewrite addr_ge0 ?sumr_ge0 // => k _; first exact: sqr_ge0.
  by apply: sumr_ge0 => l _; apply: sqr_ge0.
rewrite /wsq /wdot (bigD1 (Ordinal ln)) //= ler_addl.
by apply: sumr_ge0 => k _; apply: nsq_ge0.
Qed.

Let count : nat := (\sum_(n < depth net) units net n.+1 * rates net n)%N.
Let entries_le V e : (forall p, p \in indices -> entry V p ^+ 2 <= e) -> wsq V <= count%:R * e.
Proof.
move=> h; rewrite natr_sum mulr_suml; apply: ler_sum => n _; rewrite -/(nsq _) nsqE.
apply: le_trans (_ : \sum_(i < units net n.+1) \sum_(j < rates net n) e <= _).
  by apply: ler_sum => i _; apply: ler_sum => j _; rewrite -entryE; apply/h/indicesP.
by rewrite !sumr_const !card_ord -mulrnA mulr_natl mulnC.
Qed.

(** Nested nonempty sets of weights in a ball have an accumulation point. *)
Theorem weights_accumulate (Q : nat -> weights net -> Prop) (Wb : weights net) (r : R) :
  (forall k W, Q k.+1 W -> Q k W) -> (forall k, exists W, Q k W) ->
  (forall W, Q 0%N W -> wsq (wsub W Wb) <= r) ->
  exists Wi, forall k e, 0 < e -> exists2 W, Q k W & wsq (wsub W Wi) <= e.
Proof.
move=> nested inh ball.
have [|c hc] := @accumulate R cR em _ _ (fun W => entry (wsub W Wb)) Q nested inh indices (r + 1)
  (undup_uniq _).
  move=> W p pi /ball ballW; have h := le_trans (entry_le (wsub W Wb) pi) ballW.
  have r0 : 0 <= r by apply: le_trans h; apply: sqr_ge0.
  rewrite -ler_norml -ler_sqr ?nnegrE ?addr_ge0 ?ler01 // real_normK ?num_real //.
  apply: le_trans h _; rewrite sqrrD1 -subr_ge0.
  have -> : r ^+ 2 + r *+ 2 + 1 - r = r ^+ 2 + r + 1 by rewrite mulr2n; ring.
  by rewrite !addr_ge0 ?sqr_ge0 ?ler01.
exists (fun n => Wb n + \matrix_(i, j) c (n, val i, val j)) => k e e0.
pose e1 := Num.min 1 (e / count.+1%:R).
have e10 : 0 < e1 by rewrite lt_minr ltr01 divr_gt0 ?ltr0n.
have [W qW hW] := hc k e1 e10; exists W => //.
apply: le_trans (entries_le (e := e1) _) _ => [p pi|].
  have h := hW p pi; set d := entry _ p.
  have -> : d = entry (wsub W Wb) p - c p.
    move: pi; rewrite mem_undup => /allpairsPdep[n [[i j] [_ /allpairsP[[i' j'] [/= + + [-> ->]]] ep]]].
    rewrite /d ep /= !mem_iota !add0n => li lj.
    rewrite -[i']/(val (Ordinal li)) -[j']/(val (Ordinal lj)) !valK /wsub !mxE.
    by rewrite opprD addrA.
  rewrite -real_normK ?num_real // expr2; apply: le_trans (_ : e1 * 1 <= _); last by rewrite mulr1.
  by apply: ler_pmul => //; apply: le_trans h _; rewrite /e1 le_minl lexx.
apply: le_trans (_ : count.+1%:R * e1 <= _).
  by rewrite ler_wpmul2r ?(ltW e10) // ler_nat.
by rewrite mulrC -ler_pdivl_mulr ?ltr0n // le_minl lexx orbT.
Qed.

(** The loss is continuous at [W]. *)
Definition loss_continuous (W : weights net) :=
  forall eps, 0 < eps -> exists2 del : R, 0 < del &
    forall V : weights net, wsq (wsub V W) <= del -> (lossW V - lossW W) ^+ 2 <= eps.

(* It is, if the rates and the loss are continuous along the feedforward pass. *)
Lemma forward_continuous W n : (n <= depth net)%N ->
  (forall k, (k < depth net)%N -> continuous_at (@act _ _ net k) (forward W k)) ->
  forall eps, 0 < eps -> exists2 del : R, 0 < del &
    forall V, wsq (wsub V W) <= del -> nsq (forward V n - forward W n) <= eps.
Proof.
move=> ln cact; elim: n ln => [|n IH] ln e e0.
  by exists 1 => [|V _]; rewrite ?ltr01 //= subrr nsq0 ltW.
set A := act (forward W n); set a := nsq A; set w := nsq (W n).
have a0 : 0 <= a by apply: nsq_ge0.
have w0 : 0 <= w by apply: nsq_ge0.
pose e1 := Num.min 1 (e / (4 * (w + 1))).
have w1 : 0 < 4 * (w + 1) by rewrite mulr_gt0 ?ltr0n // ltr_paddl ?ltr01.
have e10 : 0 < e1 by rewrite lt_minr ltr01 divr_gt0.
have [d1 d10 h1] := cact n ln e1 e10.
have [d2 d20 h2] := IH (ltnW ln) d1 d10.
have a1 : 0 < 8 * (a + 1) by rewrite mulr_gt0 ?ltr0n // ltr_paddl ?ltr01.
exists (Num.min d2 (e / (8 * (a + 1)))) => [|V]; first by rewrite lt_minr d20 divr_gt0.
rewrite le_minr => /andP[/h2/h1]; rewrite -/A; set D := act _ - A => hD hV.
have hVn : nsq (V n - W n) <= e / (8 * (a + 1)).
  apply: le_trans hV; rewrite /wsq /wdot (bigD1 (Ordinal ln)) //= ler_addl.
  by apply: sumr_ge0 => k _; apply: nsq_ge0.
have -> : forward V n.+1 - forward W n.+1 =
    (V n - W n) *m (D + A) + W n *m D by rewrite /= /D subrK mulmxBl mulmxBr addrA subrK.
apply: le_trans (nsqD_le _ _) _.
have D1 : nsq D <= 1 by apply: le_trans hD _; rewrite le_minl lexx.
have DA : nsq (D + A) <= 2 * (a + 1).
  apply: le_trans (nsqD_le _ _) _; rewrite -/a addrC mulrDr ler_add2l mulr1.
  by rewrite ler_pimulr ?ler0n.
have p1 : 2 * nsq ((V n - W n) *m (D + A)) <= e / 2.
  apply: le_trans (_ : 2 * (e / (8 * (a + 1)) * (2 * (a + 1))) <= _).
    rewrite ler_pmul2l ?ltr0n //; apply: le_trans (nsqM_le _ _) _.
    by apply: ler_pmul => //; apply: nsq_ge0.
  by rewrite le_eqVlt; apply/orP; left; apply/eqP; field; rewrite gt_eqF // ltr_paddl ?ltr01.
have p2 : 2 * nsq (W n *m D) <= e / 2.
  apply: le_trans (_ : 2 * ((w + 1) * (e / (4 * (w + 1)))) <= _).
    rewrite ler_pmul2l ?ltr0n //; apply: le_trans (nsqM_le _ _) _.
    apply: ler_pmul => //; try exact: nsq_ge0; first by rewrite ler_addl ler01.
    by apply: le_trans hD _; rewrite le_minl lexx orbT.
  by rewrite le_eqVlt; apply/orP; left; apply/eqP; field; rewrite gt_eqF // ltr_paddl ?ltr01.
have -> : e = e / 2 + e / 2 by field.
exact: ler_add.
Qed.

Lemma loss_is_continuous W :
  (forall k, (k < depth net)%N -> continuous_at (@act _ _ net k) (forward W k)) ->
  scontinuous_at (@loss _ _ net) (forward W (depth net)) -> loss_continuous W.
Proof.
move=> cact closs e /closs[d d0 hd].
have [d' d'0 hd'] := forward_continuous (leqnn _) cact d0.
by exists d' => // V /hd' /hd.
Qed.

Lemma smooth_continuous (bw : backward net) W : smooth_at bw (forward W) -> loss_continuous W.
Proof.
move=> [s1 s2]; apply: loss_is_continuous; last exact: gradient_continuous s2.
by move=> k lk; apply: differential_continuous (s1 k lk); apply: dact_linear.
Qed.

(* The squared distance to [Wb] hardly changes nearby. *)
Lemma wsq_split Wb W Wi t : 0 < t ->
  wsq (wsub Wi Wb) <= (1 + t) * wsq (wsub W Wb) + (1 + t^-1) * wsq (wsub W Wi).
Proof.
move=> t0; set u := wsub W Wb; set v := wsub W Wi.
have -> : wsq (wsub Wi Wb) = wsq u - 2 * wdot u v + wsq v.
  rewrite -wsqB; apply: eq_bigr => n _.
  by rewrite /u /v /wsub opprB [_ + (Wi n - _)]addrC addrA subrK.
have := wsq_ge0 (wadd (wscale t u) v); rewrite wsqD wsqZ.
have -> : wdot (wscale t u) v = t * wdot u v.
  by rewrite /wdot mulr_sumr; apply: eq_bigr => n _; rewrite dotZl.
move=> h; rewrite -subr_ge0.
have -> : (1 + t) * wsq u + (1 + t^-1) * wsq v - (wsq u - 2 * wdot u v + wsq v) =
  t^-1 * (t ^+ 2 * wsq u + 2 * (t * wdot u v) + wsq v) by field; rewrite gt_eqF.
by rewrite mulr_ge0 // invr_ge0 ltW.
Qed.

(** The proximal objective of a continuous loss that is not negative has a minimiser. *)
Theorem minimiser_exists (alpha : R) (Wb : weights net) : 0 < alpha ->
  (forall W : weights net, 0 <= lossW W) -> (forall W : weights net, loss_continuous W) ->
  exists W, minimises (@anything _) (prox alpha Wb) W.
Proof.
move=> a0 L0 cont; set c := (2 * alpha)^-1.
have c0 : 0 < c by rewrite invr_gt0 mulr_gt0 ?ltr0n.
have P0 W : 0 <= prox alpha Wb W by rewrite addr_ge0 // mulr_ge0 ?wsq_ge0 // ltW.
have [||m [ub lub]] := cR (S := fun b => forall W, b <= prox alpha Wb W).
- by exists 0.
- by exists (prox alpha Wb Wb) => b; apply.
have mP W : m <= prox alpha Wb W by apply: lub => b; apply.
have close e : 0 < e -> exists W, prox alpha Wb W <= m + e.
  move=> e0; case: (em (exists W, prox alpha Wb W <= m + e)) => // no; exfalso.
  suff /ub : forall W, m + e <= prox alpha Wb W by rewrite ger_addl leNgt e0.
  by move=> W; apply: ltW; rewrite ltNge; apply/negP => h; apply: no; exists W.
pose Q (k : nat) W := prox alpha Wb W <= m + k.+1%:R^-1.
have nested k W : Q k.+1 W -> Q k W.
  move=> h; apply: le_trans h _; rewrite ler_add2l lef_pinv ?posrE ?ltr0n //.
  by rewrite ler_nat.
have inh k : exists W, Q k W by apply: close; rewrite invr_gt0 ltr0n.
have ball W : Q 0%N W -> wsq (wsub W Wb) <= (m + 1) / c.
  rewrite /Q invr1 => h; rewrite ler_pdivl_mulr // mulrC; apply: le_trans h.
  by rewrite /prox ler_addr.
have [Wi acc] := weights_accumulate nested inh ball.
exists Wi; split=> // V _; apply: le_trans (mP V); rewrite leNgt; apply/negP => gap.
set g := prox alpha Wb Wi - m; have g0 : 0 < g by rewrite subr_gt0.
have g4 : 0 < g / 4 by rewrite divr_gt0 ?ltr0n.
set q := (m + 1) / c; have q0 : 0 <= q.
  by have [W qW] := inh 0%N; apply: le_trans (ball W qW); apply: wsq_ge0.
have [d d0 hd] := cont Wi ((g / 4) ^+ 2) (exprn_gt0 _ g4).
have cq : 0 < c * (q + 1) by rewrite mulr_gt0 // ltr_paddl ?ltr01.
pose t := g / 4 / (c * (q + 1)); have t0 : 0 < t by rewrite divr_gt0.
have u0 : 0 < c * (1 + t^-1) by rewrite mulr_gt0 // addr_gt0 ?invr_gt0 ?ltr01.
have [k hk] := archimedean_inv cR em (divr_gt0 g4 (ltr0Sn R 1)).
pose e := Num.min d (g / 4 / (c * (1 + t^-1))).
have e0 : 0 < e by rewrite lt_minr d0 divr_gt0.
have [W qW nW] := acc k e e0.
have lossi : lossW Wi <= lossW W + g / 4.
  have nd : wsq (wsub W Wi) <= d by apply: le_trans nW _; rewrite le_minl lexx.
  rewrite leNgt; apply/negP => lt; have := hd W nd; apply/negP; rewrite -ltNge -[(lossW W - _) ^+ 2]sqrrN opprB.
  have lt2 : g / 4 < lossW Wi - lossW W by rewrite ltr_subr_addr addrC.
  by rewrite ltr_sqr ?nnegrE ?(ltW g4) // (le_trans (ltW g4)) // ltW.
have qb : wsq (wsub W Wb) <= q.
  by apply: ball; apply: le_trans qW _; rewrite ler_add2l lef_pinv ?posrE ?ltr0n // ler_nat.
have part1 : c * (t * wsq (wsub W Wb)) <= g / 4.
  have -> : g / 4 = c * (t * (q + 1)) by rewrite /t; field; rewrite !gt_eqF // ltr_paddl ?ltr01.
  by rewrite ler_pmul2l // ler_pmul2l //; apply: le_trans qb _; rewrite ler_addl ler01.
have part2 : c * ((1 + t^-1) * wsq (wsub W Wi)) <= g / 4.
  rewrite mulrA mulrC -ler_pdivl_mulr //; apply: le_trans nW _.
  by rewrite le_minl lexx orbT.
have : prox alpha Wb Wi <= prox alpha Wb W + g / 4 + g / 4 + g / 4.
  rewrite /prox -/c; apply: le_trans (_ : lossW W + g / 4 + c * ((1 + t) * wsq (wsub W Wb)
    + (1 + t^-1) * wsq (wsub W Wi)) <= _).
    by apply: ler_add lossi _; rewrite ler_pmul2l //; apply: wsq_split.
  have -> : lossW W + g / 4 + c * ((1 + t) * wsq (wsub W Wb) + (1 + t^-1) * wsq (wsub W Wi)) =
    lossW W + c * wsq (wsub W Wb) + g / 4 + c * (t * wsq (wsub W Wb))
      + c * ((1 + t^-1) * wsq (wsub W Wi)) by ring.
  by rewrite ler_add // ler_add.
apply/negP; rewrite -ltNge; apply: le_lt_trans (_ : m + g / 4 / 2 + g / 4 + g / 4 + g / 4 < _).
  by rewrite !ler_add2r; apply: le_trans qW _; rewrite ler_add2l.
have -> : prox alpha Wb Wi = m + g / 4 / 2 + g / 4 + g / 4 + g / 4 + g / 4 / 2 by rewrite /g; field.
by rewrite ltr_addl divr_gt0 ?ltr0n.
Qed.

End Weights.
