"""How does an exercise look? Figures as SVG, made of poses. Standard library only."""
